package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"connectbackup/screens/lang"
)

var (
	_ fyne.Widget     = (*SearchBar)(nil)
	_ fyne.Accessible = (*SearchBar)(nil)
)

// SearchBar is a search box with its button (requirement S7). The search runs
// on the button and on Enter; emptying the box by its cross, or pressing the
// button on an empty one, gives the whole list back.
type SearchBar struct {
	widget.BaseWidget
	Placeholder string
	OnSearch    func(text string)

	field *Field
	clear *IconButton
}

// NewSearchBar makes an empty search bar.
func NewSearchBar(placeholder string, search func(text string)) *SearchBar {
	s := &SearchBar{Placeholder: placeholder, OnSearch: search}
	s.ExtendBaseWidget(s)
	s.make()
	return s
}

func (s *SearchBar) make() {
	if s.field != nil {
		return
	}
	s.field = NewField(lang.L("Search"), s.Placeholder)
	s.clear = NewIconButton(IconCross, lang.L("Clear search"), func() {
		s.SetText("")
		s.Search()
	})
	s.clear.Hide()
	s.field.OnChanged = func(text string) { s.showClear(text != "") }
	s.field.OnSubmitted = func(string) { s.Search() }
}

// Search runs the search for what stands in the box.
func (s *SearchBar) Search() {
	s.make()
	if s.OnSearch != nil {
		s.OnSearch(s.field.Text)
	}
}

// Text is what stands in the box.
func (s *SearchBar) Text() string {
	s.make()
	return s.field.Text
}

// SetText puts words into the box without searching.
func (s *SearchBar) SetText(text string) {
	s.make()
	s.field.SetText(text)
}

// Focus puts the cursor into the box and selects what stands there, so that
// typing replaces it.
func (s *SearchBar) Focus() {
	s.make()
	// Which window it stands in is not asked: Fyne knows that only once the
	// field was painted, and a screen that just came to the front was not.
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		w.Canvas().Focus(s.field)
		if w.Canvas().Focused() == fyne.Focusable(s.field) {
			s.field.TypedShortcut(&fyne.ShortcutSelectAll{})
			return
		}
	}
}

// AccessibilityLabel implements fyne.Accessible.
func (s *SearchBar) AccessibilityLabel() string { return s.Placeholder }

// AccessibilityRole implements fyne.Accessible.
func (s *SearchBar) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleContainer }

// MinSize implements fyne.CanvasObject.
func (s *SearchBar) MinSize() fyne.Size {
	s.ExtendBaseWidget(s)
	return s.BaseWidget.MinSize()
}

// CreateRenderer implements fyne.Widget.
func (s *SearchBar) CreateRenderer() fyne.WidgetRenderer {
	s.ExtendBaseWidget(s)
	s.make()
	button := NewButton(lang.L("Search"), IconSearch, s.Search)
	box := container.New(&trailingLayout{}, s.field, s.clear)
	return compose(container.New(&rowLayout{gap: Space, stretch: 0}, box, button), func() {
		s.field.PlaceHolder = s.Placeholder
		s.field.Refresh()
	})
}

func (s *SearchBar) showClear(on bool) {
	if on {
		s.clear.Show()
	} else {
		s.clear.Hide()
	}
	canvas.Refresh(s)
}

// trailingLayout puts the second object over the end of the first.
type trailingLayout struct{}

func (trailingLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	objects[0].Move(fyne.NewPos(0, 0))
	objects[0].Resize(size)
	m := objects[1].MinSize()
	objects[1].Resize(m)
	objects[1].Move(fyne.NewPos(size.Width-m.Width, (size.Height-m.Height)/2))
}

func (trailingLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return objects[0].MinSize().AddWidthHeight(objects[1].MinSize().Width, 0)
}
