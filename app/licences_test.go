package app_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The program is MIT and is given away as one binary with all it is built
// from, so everything in it must be under terms that allow this. MPL-2.0 does
// as long as the files themselves stay as published, which they do.
var licences = []struct{ name, words string }{
	{"MPL-2.0", "mozilla public license version 2.0"},
	{"MPL-2.0", "mozilla public license, version 2.0"},
	{"Apache-2.0", "apache license version 2.0"},
	{"MIT", "permission is hereby granted, free of charge, to any person obtaining a copy"},
	{"BSD", "redistribution and use in source and binary forms, with or without modification, are permitted"},
	{"ISC", "permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted"},
	{"ISC", "permission to use, copy, modify, and distribute this software for any purpose with or without fee is hereby granted"},
	{"CC0-1.0", "creative commons cc0 1.0 universal"},
	{"public domain", "all of the code and documentation in sqlite has been dedicated to the public domain"},
}

// notInTheProgram are licence files about things that stay behind in the module.
var notInTheProgram = map[string]string{
	"modernc.org/memory/LICENSE-LOGO": "a picture for a web page",
}

// licenceOf names the licence of a text, or "" for one we do not know. The
// GNU licences matter most among those: one of them would bind the whole.
func licenceOf(text string) string {
	flat := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	if strings.HasPrefix(strings.TrimLeft(flat, "#* "), "gnu ") {
		return ""
	}
	for _, l := range licences {
		if strings.Contains(flat, l.words) {
			return l.name
		}
	}
	return ""
}

func TestLicencesAllowOurs(t *testing.T) {
	modules := requiredModules(t)
	if len(modules) < 20 {
		t.Fatalf("only %d modules were found", len(modules))
	}
	count := map[string]int{}
	for path, dir := range modules {
		name := licenceIn(t, path, dir)
		if name == "" {
			t.Errorf("%s has no licence that we know to allow its use; look into %s", path, dir)
		}
		count[name]++
	}
	t.Logf("%v", count)
}

func TestLicencesAreRecognised(t *testing.T) {
	for text, want := range map[string]string{
		"The MIT License\n\nPermission is hereby granted, free of\n  charge, to any person obtaining a copy\nof this": "MIT",
		"                    GNU GENERAL PUBLIC LICENSE\n   Version 3, 29 June 2007":                                  "",
		"All rights reserved.":                            "",
		"   Apache License\n   Version 2.0, January 2004": "Apache-2.0",
	} {
		if got := licenceOf(text); got != want {
			t.Errorf("licence of %q is %q, want %q", text, got, want)
		}
	}
}

// requiredModules are the modules that the program, its tests and its builds
// for other systems take code from, with the folder each lies in.
func requiredModules(t *testing.T) map[string]string {
	t.Helper()
	root := projectRoot(t)
	var mod struct{ Require []struct{ Path string } }
	decode(t, root, &mod, "mod", "edit", "-json")
	args := []string{"mod", "download", "-json"}
	for _, m := range mod.Require {
		args = append(args, m.Path)
	}
	dirs := map[string]string{}
	out := goCommand(t, root, args...)
	for d := json.NewDecoder(strings.NewReader(out)); d.More(); {
		var m struct{ Path, Dir string }
		if err := d.Decode(&m); err != nil {
			t.Fatal(err)
		}
		dirs[m.Path] = m.Dir
	}
	return dirs
}

// licenceIn reads what lies at the top of a module. Where several files stand,
// for a choice or for parts, each must be one we know.
func licenceIn(t *testing.T, module, dir string) (name string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		upper := strings.ToUpper(e.Name())
		if e.IsDir() || !strings.HasPrefix(upper, "LICEN") && !strings.HasPrefix(upper, "COPYING") && !strings.HasPrefix(upper, "UNLICENSE") {
			continue
		}
		if notInTheProgram[module+"/"+e.Name()] != "" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		this := licenceOf(string(text))
		if this == "" {
			t.Logf("%s is under no licence we know", filepath.Join(dir, e.Name()))
			return ""
		}
		name = this
	}
	return name
}

func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

func decode(t *testing.T, dir string, into any, args ...string) {
	t.Helper()
	if err := json.Unmarshal([]byte(goCommand(t, dir, args...)), into); err != nil {
		t.Fatal(err)
	}
}
