// Copyright (c) 2026, flatops
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// butane-peer answers for the butane program, many documents in one process.
//
// Each line of standard input is one request, each line of standard output the answer to it: what
// `butane --raw-errors` would have done with that document and those options. A fuzzer so compares tens of
// thousands of documents without starting a process for each.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/coreos/butane/config"
	"github.com/coreos/butane/config/common"
)

// request is one document with the options of the command line. Source travels as base64: it may be any bytes.
type request struct {
	Source   []byte `json:"source"`
	FilesDir string `json:"files_dir"`
	Strict   bool   `json:"strict"`
	Pretty   bool   `json:"pretty"`
	Raw      bool   `json:"raw"`
}

// answer is what the program would have left behind: its exit status, its standard output as base64 (null when it
// printed none) and the lines of its standard error.
type answer struct {
	Exit   int      `json:"exit"`
	Stdout []byte   `json:"stdout"`
	Report []string `json:"report"`
}

// translate does for one document what the program's main does (internal/main.go of the module).
func translate(asked request) (given answer) {
	defer func() {
		// An uncaught panic ends a Go program with status 2.
		if cause := recover(); cause != nil {
			given = answer{Exit: 2, Report: []string{fmt.Sprintf("panic: %v", cause)}}
		}
	}()
	output, entries, err := config.TranslateBytes(asked.Source, common.TranslateBytesOptions{
		TranslateOptions: common.TranslateOptions{FilesDir: asked.FilesDir},
		Pretty:           asked.Pretty,
		Raw:              asked.Raw,
	})
	printed := entries.String()
	switch {
	case err != nil:
		printed += fmt.Sprintf("Error translating config: %v\n", err)
	case asked.Strict && len(entries.Entries) > 0:
		printed += "Config produced warnings and --strict was specified\n"
	default:
		return answer{Stdout: append(output, '\n'), Report: lines(printed)}
	}
	return answer{Exit: 1, Report: lines(printed)}
}

// lines splits what was printed; nothing printed is an empty list, not null.
func lines(printed string) []string {
	if printed == "" {
		return []string{}
	}
	return strings.Split(strings.TrimSuffix(printed, "\n"), "\n")
}

func serve(requests *json.Decoder, answers *json.Encoder) error {
	for {
		var asked request
		if err := requests.Decode(&asked); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(translate(asked)); err != nil {
			return err
		}
	}
}

func main() {
	answers := json.NewEncoder(os.Stdout)
	answers.SetEscapeHTML(false)
	if err := serve(json.NewDecoder(os.Stdin), answers); err != nil {
		fmt.Fprintf(os.Stderr, "butane-peer: %v\n", err)
		os.Exit(1)
	}
}
