package server

import (
	"strings"

	"connectbackup/api"
)

// demoModules are the modules of the demo organisation with their columns:
// T text, I identifier, D day, Z time, N number, B yes/no.
func demoModules() []module {
	var all []module
	for _, line := range []string{
		"staff|Staff|people|staff_id I, full_name T, email T, phone I, department T, roles T, status T, joined_on D, last_login_at Z",
		"customers|Customers|contact|customer_id I, full_name T, company T, email T, phone I, address T, city T, country T, status T, notes T",
		"departments|Departments|building|department_id I, name T, manager_id I, manager_name T, member_count N",
		"attendance|Attendance|clock|attendance_id I, staff_id I, staff_name T, work_date D, check_in_at Z, check_out_at Z, break_minutes N, worked_hours N, method T, latitude N, longitude N",
		"leave|Leave|plane|leave_id I, staff_id I, leave_type T, from_date D, till_date D, days N, reason T, status T, decided_by I, decided_at Z",
		"tasks|Tasks|check|task_id I, title T, description T, priority T, status T, assigned_to I, customer_id I, due_date D, completed_at Z",
		"appointments|Appointments|calendar|appointment_id I, customer_id I, staff_id I, service T, starts_at Z, ends_at Z, location T, status T, price N, currency T",
		"notices|Notices|pin|notice_id I, title T, body T, audience T, posted_by I, posted_at Z, expires_on D, read_count N",
		"messages|Messages|chat|message_id I, conversation_id I, conversation_name T, sender_id I, sender_name T, sent_at Z, body T, deleted B",
		"events|Events|star|event_id I, title T, venue T, starts_at Z, ends_at Z, organiser_id I, invited N, accepted N, declined N",
		"complaints|Complaints|flag|complaint_id I, reference I, customer_id I, category T, subject T, description T, status T, assigned_to I, resolution T, opened_at Z, closed_at Z",
		"invoices|Invoices|receipt|invoice_id I, number I, customer_id I, customer_name T, issued_on D, due_on D, currency T, subtotal N, tax N, total N, paid N, balance N, status T",
		"visitors|Visitors|badge|visitor_id I, full_name T, company T, host_id I, purpose T, badge_no I, signed_in_at Z, signed_out_at Z",
	} {
		f := strings.Split(line, "|")
		m := module{key: f[0], name: f[1], icon: f[2], subscribed: f[0] != "visitors"}
		for _, column := range strings.Split(f[3], ", ") {
			name, kind, _ := strings.Cut(column, " ")
			m.columns = append(m.columns, api.Column{Name: name, Type: kind})
		}
		all = append(all, m)
	}
	return all
}
