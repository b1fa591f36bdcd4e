// Package termcolor keeps commands from waiting for the terminal. Bubble Tea
// asks it for its background colour while packages initialise, before main,
// and waits five seconds for an answer that some terminals never give. This
// package says beforehand that the background is dark, and nothing is asked.
//
// It works only because of an order: Go initialises packages that are ready in
// the order of their import paths, and this one's sorts before
// github.com/charmbracelet/bubbletea. It imports lipgloss alone and main
// imports it. A test at the terminal holds it.
package termcolor

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
