package server

// The words the demo's data is made of: many scripts, and everything that CSV
// files and spreadsheets stumble over.

// demoNames come with the plain letters of their e-mail address.
var demoNames = [][2]string{
	{"Jürgen Müller", "juergen.mueller"},
	{"Zoë Ångström", "zoe.angstroem"},
	{"Ελένη Παπαδοπούλου", "eleni.p"},
	{"Дмитрий Соколов", "dmitri.sokolov"},
	{"محمد الأحمد", "m.alahmad"},
	{"שרה לוי", "sara.levi"},
	{"王小明", "wang.xiaoming"},
	{"佐藤 花子", "hanako.sato"},
	{"김민준", "minjun.kim"},
	{"Nguyễn Thị Hoa", "hoa.nguyen"},
	{"Seán O'Connor", "sean.oconnor"},
	{"Łukasz Żółkiewski", "lukasz.z"},
	{"Ayşe Yılmaz", "ayse.yilmaz"},
	{"İbrahim Çelik", "ibrahim.celik"},
	{"Björk Guðmundsdóttir", "bjoerk.g"},
	{"José Ibáñez Núñez", "jose.ibanez"},
	{"Anneliese Großmann", "a.grossmann"},
	{"John \"Jack\" Smith", "jack.smith"},
	{"Smith, Patricia", "patricia.smith"},
	{"François Lefèvre", "francois.lefevre"},
	{"Chloë van den Berg", "chloe.vdberg"},
	{"Þórunn Jónsdóttir", "thorunn.j"},
	{"Олена Шевченко", "olena.shevchenko"},
	{"प्रिया शर्मा", "priya.sharma"},
	{"สมชาย ใจดี", "somchai.j"},
	{"Γιώργος Αγγελόπουλος", "g.angelopoulos"},
	{"ليلى حداد", "layla.haddad"},
	{"דוד כהן", "david.cohen"},
	{"Ольга Иванова", "olga.ivanova"},
	{"陳美玲", "chen.meiling"},
	{"Hannah Becker", "hannah.becker"},
	{"Mateus Gonçalves", "mateus.g"},
	{"Ingrid Sørensen", "ingrid.sorensen"},
	{"Tomáš Dvořák", "tomas.dvorak"},
	{"Ștefan Țăran", "stefan.taran"},
	{"Đặng Văn Lâm", "lam.dang"},
	{"Emma Virtanen", "emma.virtanen"},
	{"Müge Öztürk", "muege.oeztuerk"},
	{"Peter Schmidt", "peter.schmidt"},
	{"Aoife Ní Bhriain", "aoife.nb"},
}

var demoCompanies = []string{
	"Brightwater Ltd", "Müller & Söhne GmbH", "Ωμέγα ΑΕ", "ООО «Север»", "شركة النور", "北京贸易有限公司", "株式会社さくら",
	"Smith, Jones & Partners", "\"Quality First\" Foods", "Łódź Tekstylia Sp. z o.o.", "Café Zürich AG", "O'Brien's Hardware",
	"Garage; Parts and Service", "Ñandú Importaciones S.A.", "Société Générale d'Été", "אור בע״מ", "", "",
}

var demoCities = [][2]string{
	{"Berlin", "Germany"},
	{"München", "Germany"},
	{"Zürich", "Switzerland"},
	{"Αθήνα", "Greece"},
	{"Москва", "Russia"},
	{"القاهرة", "Egypt"},
	{"תל אביב", "Israel"},
	{"上海", "China"},
	{"大阪", "Japan"},
	{"Kraków", "Poland"},
	{"São Paulo", "Brazil"},
	{"İzmir", "Türkiye"},
	{"Dublin", "Ireland"},
	{"Malmö", "Sweden"},
	{"Hà Nội", "Vietnam"},
}

var demoStreets = []string{
	"Hauptstraße %d", "%d High Street", "Οδός Ερμού %d", "ул. Ленина, д. %d", "%d rue de l'Église", "南京路%d号",
	"Flat %d,\nOld Mill House", "\"The Cedars\", %d Park Lane", "Calle Mayor %d; 2º B",
}

var demoNotes = []string{
	"", "", "", "", "Prefers e-mail", "Call before noon; never on Fridays", "=1+1", "@jack please call back", "-5 % agreed on 3 May",
	"+1 from the whole team", "She said: \"send it again\", so we did", "First line\nSecond line\nThird, and last, line",
	"Größe, Maß und Übermut", "Ευχαριστώ πολύ", "Спасибо; до встречи", "شكرا جزيلا", "תודה רבה", "谢谢，下周见", "ありがとうございます",
	"👍 great customer 🎉", "=HYPERLINK(\"http://example.com\",\"click\")", "\tindented by a tab", "Ends with a quote\"", "Tel. 0049 30 123456",
	"'already with an apostrophe", "100% sure; 50,5 or 50.5?",
}

var demoDepartments = []string{
	"Sales", "Accounts", "Warehouse", "Human Resources", "Customer Service", "Vertrieb Süd", "Logistique", "Εξαγωγές", "Закупки", "研发", "IT, Web & Phones", "Board",
}

var demoRoles = []string{"user", "user; cashier", "manager", "manager, approver", "auditor", "user", "admin"}

var demoTasks = []string{
	"Send the offer to %s", "Check delivery for %s", "Call %s about the invoice", "Prepare the contract (%s)",
	"Rücksprache mit %s", "Ответить: %s", "Update price list; tell %s", "@%s: confirm the order",
}

var demoServices = []string{"Consultation", "Maintenance", "Delivery", "Training, half a day", "Wartung", "Επίσκεψη", "Installation; on site"}

var demoPlaces = []string{"Room 1", "Room \"Aurora\"", "Customer's site", "Video call", "Besprechungsraum Süd", "会议室 3", "Yard, gate 2"}

var demoNotices = [][2]string{
	{"Office closed on Friday", "The office is closed on Friday.\nPlease finish urgent orders by Thursday, 4 p.m."},
	{"Neue Parkplätze", "Ab Montag gibt es neue Parkplätze; die alten sind gesperrt."},
	{"=Important= price change", "New prices apply from next month.\n\n- 3 % on transport\n- 5 % on storage"},
	{"Ανακοίνωση", "Η συνάντηση μεταφέρεται στις 10:00."},
	{"Fire drill, building B", "Leave by the \"north\" exit, please."},
	{"欢迎新同事", "欢迎加入我们的团队 🎉"},
	{"Праздничные дни", "График работы на праздники; см. приложение."},
}

var demoMessages = []string{
	"Good morning!", "On my way", "Can you send me the file?", "Done 👍", "=SUM(A1:A9) gives the wrong total", "@all meeting at 3",
	"-5 degrees in the warehouse ❄️", "+49 is the prefix, not 0049", "Danke, bis später", "Perfekt; schicke ich gleich",
	"Line one\nline two", "He wrote \"no, thanks\", I think", "Καλημέρα σε όλους", "Спасибо!", "مرحبا بالجميع", "תודה, קיבלתי", "好的，马上到",
	"了解です。", "네, 알겠습니다", "See you at 14:30, room 2", "That's 1,250.00 net", "Ça marche, à demain", "¿Mañana a las 9?", "The parcel 000451 arrived",
	"🎉🎉🎉", "OK", "ok, thx", "Is 007 his real number?", "Tagesabschluss: 1.234,56 €", "please check \\\\server\\share", "50% now; the rest later",
}

var demoConversations = []string{
	"General", "Sales team", "Warehouse & yard", "Projekt Süd", "Ομάδα Α", "Бухгалтерия", "فريق الدعم", "市场部", "Lunch 🍜", "\"Night shift\"", "Accounts, month-end", "IT help",
}

var demoEvents = []string{"Team day", "Summer party 🎉", "Trade fair, day 1", "Betriebsversammlung", "Workshop: \"Safe lifting\"", "Γιορτή", "新年会", "Board meeting; Q3"}

var demoComplaints = [][2]string{
	{"Late delivery", "The parcel came three days late.\nNobody called."},
	{"Wrong item", "I ordered \"blue\", and received \"green\"."},
	{"Damaged goods", "Box open; two of six glasses broken"},
	{"Rechnung falsch", "Die Summe ist falsch: 119,00 statt 109,00 €."},
	{"=Refund?=", "-50 was promised, only 20 came"},
	{"Грубый ответ", "Сотрудник был невежлив."},
	{"Missing part", "Part no. 00071-A is missing"},
}
