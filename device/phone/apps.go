//go:build android || jvm

package phone

import "errors"

// anything is the kind of a file that nobody says more of.
const anything = "*/*"

// View hands a file to the app that opens its kind; where there is none, to one
// that people choose from all that open anything.
func (p *Phone) View(h Handed) error {
	return p.do(func(e *env) error {
		view, err := e.view(h.URI, h.Mime)
		if err != nil {
			return err
		}
		err = e.do(startActivity, e.ctx, view)
		if !errors.Is(err, ErrNoApp) {
			return err
		}
		chooser, err := e.chooserOfAnything(h)
		if err != nil {
			return err
		}
		return e.do(startActivity, e.ctx, chooser)
	})
}

// ViewFolder shows a folder, by its document URI, or where no app does that the
// list of all downloads.
func (p *Phone) ViewFolder(uri string) error {
	return p.do(func(e *env) error {
		view, err := e.view(uri, folderMime)
		if err != nil {
			return err
		}
		if err = e.do(startActivity, e.ctx, view); !errors.Is(err, ErrNoApp) {
			return err
		}
		return e.startDownloads()
	})
}

// ViewDownloads shows the list of all downloads.
func (p *Phone) ViewDownloads() error {
	return p.do(func(e *env) error { return e.startDownloads() })
}

func (e *env) startDownloads() error {
	list, err := e.object(newIntent, 0, actionDownloads)
	if err != nil {
		return err
	}
	if list, err = e.object(addFlags, list, flagNewTask); err != nil {
		return err
	}
	return e.do(startActivity, e.ctx, list)
}

// Send hands a file to another app by the share sheet.
func (p *Phone) Send(h Handed) error {
	return p.do(func(e *env) error {
		place, err := e.object(uriParse, 0, h.URI)
		if err != nil {
			return err
		}
		send, err := e.object(newIntent, 0, actionSend)
		if err != nil {
			return err
		}
		if send, err = e.object(setType, send, h.Mime); err != nil {
			return err
		}
		if send, err = e.object(putParcelable, send, extraStream, place); err != nil {
			return err
		}
		// The right to read goes by the clip, also through the sheet.
		clip, err := e.object(newRawURI, 0, "", place)
		if err != nil {
			return err
		}
		if err = e.do(setClipData, send, clip); err != nil {
			return err
		}
		if send, err = e.object(addFlags, send, flagRead); err != nil {
			return err
		}
		sheet, err := e.chooser(send)
		if err != nil {
			return err
		}
		return e.do(startActivity, e.ctx, sheet)
	})
}

// view is the wish to see a file, with the right to read it.
func (e *env) view(uri, mime string) (object, error) {
	place, err := e.object(uriParse, 0, uri)
	if err != nil {
		return 0, err
	}
	view, err := e.object(newIntent, 0, actionView)
	if err != nil {
		return 0, err
	}
	if view, err = e.object(setDataAndType, view, place, mime); err != nil {
		return 0, err
	}
	return e.object(addFlags, view, flagRead|flagNewTask)
}

func (e *env) chooserOfAnything(h Handed) (object, error) {
	view, err := e.view(h.URI, anything)
	if err != nil {
		return 0, err
	}
	return e.chooser(view)
}

// chooser lets people choose an app, under a title that the system words.
func (e *env) chooser(wish object) (object, error) {
	chooser, err := e.object(createChooser, 0, wish, object(0))
	if err != nil {
		return 0, err
	}
	return e.object(addFlags, chooser, flagRead|flagNewTask)
}
