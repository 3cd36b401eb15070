package server

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"connectbackup/api/calendar"
)

// demoRecords makes the records of the demo, day after day. The seed is fixed:
// the same days give the same data.
type demoRecords struct {
	*demoSeed
	rng    *rand.Rand
	insert *sql.Stmt // of demoBatch records
	rows   []any     // arguments of insert, so far
	tx     *sql.Tx
	ctx    context.Context
	err    error // the first one

	day       calendar.Day
	seq       int64
	numbers   map[string]int
	staff     []demoPerson
	customers []demoPerson
	away      map[string]calendar.Day // staff on leave, until
}

// demoBatch is how many records go into one statement: starting a statement
// takes longer than inserting a record.
const demoBatch = 50

// insertRecords is a statement for n records.
func insertRecords(n int) string {
	return "INSERT INTO records (org_id, module, created_at, seq, updated_at, cells) VALUES (?, ?, ?, ?, ?, ?)" +
		strings.Repeat(", (?, ?, ?, ?, ?, ?)", n-1)
}

type demoPerson struct{ id, name string }

func newDemoRecords(d *demoSeed, tx *sql.Tx) *demoRecords {
	return &demoRecords{
		demoSeed: d, tx: tx, rng: rand.New(rand.NewPCG(2026, 0xC0FFEE)),
		numbers: map[string]int{}, away: map[string]calendar.Day{},
	}
}

// fill writes all records from 30 months ago to now.
func (g *demoRecords) fill(ctx context.Context) (err error) {
	// The driver watches a context that can end anew for every statement. Here
	// they are many and short: once a day is enough.
	g.ctx = context.WithoutCancel(ctx)
	g.insert, err = g.tx.PrepareContext(ctx, insertRecords(demoBatch))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.insert.Close()) }()
	first := g.today.AddMonths(-demoMonths)
	days := g.today.Since(first) + 1
	for n := range days {
		g.day = first.AddDays(n)
		g.grow(n, days)
		if g.open() {
			g.work()
		}
		g.times(6, g.message)
		if err := errors.Join(g.err, ctx.Err()); err != nil {
			return err
		}
	}
	if left := len(g.rows) / 6; left > 0 {
		_, err = g.tx.ExecContext(g.ctx, insertRecords(left), g.rows...)
	}
	return err
}

// open reports whether the organisation works on this day.
func (g *demoRecords) open() bool {
	switch g.day.Weekday() {
	case time.Saturday, time.Sunday:
		return false
	}
	return !slices.Contains([]string{"01-01", "05-01", "10-03", "12-25", "12-26"}, g.day.String()[5:])
}

// grow hires most people on the first day, the others and the departments
// evenly over the time.
func (g *demoRecords) grow(n, days int) {
	staff := max(4, int(48*min(g.scale, 4)))
	first := max(3, staff*3/5)
	for wanted := first + (staff-first)*n/days; len(g.staff) < wanted; {
		g.hire()
	}
	for wanted := 1 + len(demoDepartments)*n/days; g.numbers["departments"] < min(wanted, len(demoDepartments)); {
		g.department()
	}
	if n == 0 {
		for range 8 {
			g.customer()
		}
	}
}

// work is what happens on a working day, in records a day.
func (g *demoRecords) work() {
	g.times(3, g.customer)
	g.times(1.5, g.leave)
	for _, p := range g.staff {
		g.attendance(p)
	}
	g.times(10, g.task)
	g.times(10, g.appointment)
	g.times(0.4, g.notice)
	g.times(54, g.message)
	g.times(0.3, g.event)
	g.times(1, g.complaint)
	g.times(8, g.invoice)
}

// times calls f so often on average.
func (g *demoRecords) times(mean float64, f func()) {
	mean *= g.scale * (0.7 + 0.6*g.rng.Float64())
	n := int(mean)
	if g.rng.Float64() < mean-float64(n) {
		n++
	}
	for range n {
		f()
	}
}

// at is a moment of the day, in the organisation's zone.
func (g *demoRecords) at(hour, spreadMinutes int) time.Time {
	d := g.day
	return time.Date(d.Year, d.Month, d.Date, hour, g.rng.IntN(spreadMinutes+1), g.rng.IntN(60), 0, g.loc)
}

// add stores a record, unless it would be made in the future.
func (g *demoRecords) add(module string, created, updated time.Time, cells ...string) {
	if g.err != nil || created.After(g.now) {
		return
	}
	if updated.Before(created) {
		updated = created
	}
	if updated.After(g.now) {
		updated = g.now
	}
	g.seq++
	row, err := json.Marshal(cells)
	if err != nil {
		g.err = err
		return
	}
	g.rows = append(g.rows, g.org, module, millis(created), g.seq, millis(updated), string(row))
	if len(g.rows) == 6*demoBatch {
		_, g.err = g.insert.ExecContext(g.ctx, g.rows...)
		g.rows = g.rows[:0]
	}
}

// number is the next number of a module, with leading zeros.
func (g *demoRecords) number(module string, digits int) string {
	g.numbers[module]++
	return fmt.Sprintf("%0*d", digits, g.numbers[module])
}

func pick[T any](g *demoRecords, all []T) T { return all[g.rng.IntN(len(all))] }

func (g *demoRecords) stamp(t time.Time) string {
	if t.IsZero() || t.After(g.now) {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (g *demoRecords) phone() string {
	if g.rng.IntN(4) == 0 {
		return "0" + strconv.Itoa(301_000_000+g.rng.IntN(899_999_999))
	}
	return pick(g, []string{"+49", "+44", "+30", "+7", "+86", "+972"}) + strconv.Itoa(301_000_000+g.rng.IntN(899_999_999))
}

// money writes cents.
func money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}

func (g *demoRecords) hire() {
	n := len(g.staff)
	name := demoNames[n%len(demoNames)]
	p := demoPerson{g.number("staff", 5), name[0]}
	mail := name[1]
	if n >= len(demoNames) {
		p.name += " " + []string{"II", "Jr.", "III"}[n/len(demoNames)%3]
		mail += strconv.Itoa(n / len(demoNames))
	}
	g.staff = append(g.staff, p)
	created := g.at(8, 59)
	login := g.now.Add(-time.Duration(g.rng.IntN(9*24)) * time.Hour)
	g.add("staff", created, login, p.id, p.name, mail+"@acme.example", g.phone(), pick(g, demoDepartments), pick(g, demoRoles),
		pick(g, []string{"active", "active", "active", "on leave", "left"}), g.day.String(), g.stamp(login))
}

func (g *demoRecords) department() {
	i := g.numbers["departments"]
	id, boss := g.number("departments", 3), pick(g, g.staff)
	created := g.at(9, 30)
	g.add("departments", created, created.AddDate(0, 0, g.rng.IntN(90)), id, demoDepartments[i], boss.id, boss.name, strconv.Itoa(2+g.rng.IntN(14)))
}

func (g *demoRecords) customer() {
	name, city := pick(g, demoNames), pick(g, demoCities)
	p := demoPerson{g.number("customers", 7), name[0]}
	g.customers = append(g.customers, p)
	created := g.at(9, 479)
	g.add("customers", created, created.AddDate(0, g.rng.IntN(6), g.rng.IntN(28)), p.id, p.name, pick(g, demoCompanies),
		name[1]+p.id+"@example.com", g.phone(), fmt.Sprintf(pick(g, demoStreets), 1+g.rng.IntN(199)), city[0], city[1],
		pick(g, []string{"active", "active", "prospect", "blocked; see notes"}), pick(g, demoNotes))
}

func (g *demoRecords) attendance(p demoPerson) {
	if until, away := g.away[p.id]; away && !g.day.After(until) || g.rng.IntN(20) == 0 {
		return
	}
	in := g.at(7, 119)
	out := g.at(16, 119)
	pause := pick(g, []int{30, 30, 45, 60})
	worked := ""
	if !out.After(g.now) {
		worked = money(int64((out.Sub(in)-time.Duration(pause)*time.Minute).Hours()*100 + 0.5))
	}
	g.add("attendance", in, out, g.number("attendance", 8), p.id, p.name, g.day.String(), g.stamp(in), g.stamp(out), strconv.Itoa(pause), worked,
		pick(g, []string{"terminal", "terminal", "app", "web"}),
		strconv.FormatFloat(52.52+g.rng.Float64()/100, 'f', 6, 64), strconv.FormatFloat(13.40+g.rng.Float64()/100, 'f', 6, 64))
}

func (g *demoRecords) leave() {
	p, boss := pick(g, g.staff), pick(g, g.staff)
	days := 1 + g.rng.IntN(10)
	from := g.day.AddDays(1 + g.rng.IntN(20))
	created := g.at(9, 400)
	decided := created.Add(time.Duration(1+g.rng.IntN(48)) * time.Hour)
	status := pick(g, []string{"approved", "approved", "approved", "refused", "pending"})
	if status == "pending" {
		decided = time.Time{}
	}
	if status == "approved" && days <= 5 {
		g.away[p.id] = from.AddDays(days - 1)
	}
	g.add("leave", created, decided, g.number("leave", 6), p.id, pick(g, []string{"annual", "sick", "unpaid", "parental", "Bildungsurlaub"}),
		from.String(), from.AddDays(days-1).String(), strconv.Itoa(days), pick(g, demoNotes), status, boss.id, g.stamp(decided))
}

func (g *demoRecords) task() {
	p, c := pick(g, g.staff), pick(g, g.customers)
	created := g.at(8, 540)
	done := time.Time{}
	status := pick(g, []string{"done", "done", "done", "open", "waiting", "cancelled"})
	if status == "done" {
		done = created.Add(time.Duration(1+g.rng.IntN(14*24)) * time.Hour)
		if done.After(g.now) {
			status = "open"
		}
	}
	g.add("tasks", created, done, g.number("tasks", 7), fmt.Sprintf(pick(g, demoTasks), c.name), pick(g, demoNotes),
		pick(g, []string{"low", "normal", "normal", "high", "urgent!"}), status, p.id, c.id, g.day.AddDays(g.rng.IntN(21)).String(), g.stamp(done))
}

func (g *demoRecords) appointment() {
	p, c := pick(g, g.staff), pick(g, g.customers)
	created := g.at(8, 540)
	d := g.day.AddDays(1 + g.rng.IntN(14))
	starts := time.Date(d.Year, d.Month, d.Date, 8+g.rng.IntN(9), 15*g.rng.IntN(4), 0, 0, g.loc)
	ends := starts.Add(time.Duration(pick(g, []int{30, 45, 60, 90, 240})) * time.Minute)
	status := pick(g, []string{"kept", "kept", "kept", "moved", "cancelled", "no-show"})
	if ends.After(g.now) {
		status = "booked"
	}
	// An appointment may lie ahead: its times are data, not something that has happened.
	g.add("appointments", created, created.Add(time.Duration(g.rng.IntN(72))*time.Hour), g.number("appointments", 7), c.id, p.id, pick(g, demoServices),
		starts.UTC().Format(time.RFC3339), ends.UTC().Format(time.RFC3339), pick(g, demoPlaces), status,
		money(int64(1000+250*g.rng.IntN(120))), "EUR")
}

func (g *demoRecords) notice() {
	p, text := pick(g, g.staff), pick(g, demoNotices)
	created := g.at(9, 420)
	g.add("notices", created, created, g.number("notices", 5), text[0], text[1], pick(g, []string{"everyone", "Sales", "Warehouse; night shift", "managers"}),
		p.id, g.stamp(created), g.day.AddDays(7+g.rng.IntN(60)).String(), strconv.Itoa(g.rng.IntN(len(g.staff)+1)))
}

func (g *demoRecords) message() {
	p := pick(g, g.staff)
	room := g.rng.IntN(len(demoConversations))
	created := g.at(7, 839)
	body := pick(g, demoMessages)
	if g.rng.IntN(5) == 0 {
		body += " — " + strings.ToLower(pick(g, demoMessages))
	}
	gone := g.rng.IntN(60) == 0
	if gone {
		body = ""
	}
	g.add("messages", created, created, g.number("messages", 9), fmt.Sprintf("%04d", room+1), demoConversations[room], p.id, p.name,
		g.stamp(created), body, strconv.FormatBool(gone))
}

func (g *demoRecords) event() {
	p := pick(g, g.staff)
	created := g.at(9, 420)
	d := g.day.AddDays(5 + g.rng.IntN(60))
	starts := time.Date(d.Year, d.Month, d.Date, 9+g.rng.IntN(10), 30*g.rng.IntN(2), 0, 0, g.loc)
	invited := 3 + g.rng.IntN(60)
	accepted := g.rng.IntN(invited + 1)
	g.add("events", created, created.Add(48*time.Hour), g.number("events", 5), pick(g, demoEvents), pick(g, demoPlaces),
		starts.UTC().Format(time.RFC3339), starts.Add(time.Duration(1+g.rng.IntN(8))*time.Hour).UTC().Format(time.RFC3339), p.id,
		strconv.Itoa(invited), strconv.Itoa(accepted), strconv.Itoa(g.rng.IntN(invited-accepted+1)))
}

func (g *demoRecords) complaint() {
	p, c, text := pick(g, g.staff), pick(g, g.customers), pick(g, demoComplaints)
	created := g.at(8, 540)
	closed := time.Time{}
	status, resolution := "open", ""
	if g.rng.IntN(4) > 0 {
		closed = created.Add(time.Duration(2+g.rng.IntN(20*24)) * time.Hour)
	}
	if !closed.IsZero() && !closed.After(g.now) {
		status, resolution = "closed", pick(g, []string{"refunded", "replaced; free of charge", "apology, \"as agreed\"", "-10 % on the next order"})
	}
	// Digits past the fifteenth and leading zeros: what Excel drops.
	reference := fmt.Sprintf("00%018d", 100_000_000_000_000_000+g.rng.Int64N(800_000_000_000_000_000))
	g.add("complaints", created, closed, g.number("complaints", 6), reference, c.id, pick(g, []string{"delivery", "quality", "billing", "service"}),
		text[0], text[1], status, p.id, resolution, g.stamp(created), g.stamp(closed))
}

// invoice adds up: subtotal and tax are the total, paid and balance too. A
// credit note has a minus.
func (g *demoRecords) invoice() {
	c := pick(g, g.customers)
	created := g.at(8, 540)
	sign := int64(1)
	if g.rng.IntN(40) == 0 {
		sign = -1
	}
	var subtotal int64
	for range 1 + g.rng.IntN(6) {
		subtotal += sign * int64(1+g.rng.IntN(12)) * int64(199+g.rng.IntN(25_000))
	}
	tax := (subtotal*19 + 50*sign) / 100
	total := subtotal + tax
	due := g.day.AddDays(14)
	settled := created.AddDate(0, 0, g.rng.IntN(30))
	paid, status := total, "paid"
	switch {
	case settled.After(g.now) && due.Before(g.today):
		paid, status = 0, "overdue"
	case settled.After(g.now):
		paid, status = 0, "open"
	case g.rng.IntN(25) == 0:
		paid, status = total/2, "part paid"
	}
	id := g.number("invoices", 7)
	g.add("invoices", created, settled, id, fmt.Sprintf("RE-%d-%05d", g.day.Year, g.numbers["invoices"]), c.id, c.name, g.day.String(), due.String(),
		"EUR", money(subtotal), money(tax), money(total), money(paid), money(total-paid), status)
}
