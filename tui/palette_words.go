package tui

import (
	"slices"
	"strings"

	"dev.keyward/keyward/model"
)

// alsoCalled are the words that actions are looked for by and are not called:
// those of other consoles, and of people who do not know this one yet.
var alsoCalled = []struct{ name, words string }{
	{"regenerate", "renew rotate rotation roll replace new secret certificate"},
	{"renew", "regenerate replace rotate rotation roll new secret certificate"},
	{"generate", "certificate new make create self-signed"},
	{"replace", "renew rotate rotation regenerate new certificate"},
	{"delete", "remove revoke destroy"},
	{"disable", "revoke block suspend lock"},
	{"enable", "activate unblock unlock"},
	{"new", "add create make"},
	{"permit", "allow grant authorize authorise"},
	{"change", "edit rename modify"},
	{"filter", "search find"},
	{"load again", "reload refresh"},
	{"undo", "revert take back"},
	{"quit", "exit leave close"},
	{"back", "leave close"},
	{"help", "keys manual shortcuts"},
	{"verify", "check integrity"},
	{"audit trail", "log logs history who changed"},
	{"activity", "log logs calls traffic live refused refusals tail watch"},
	{"follow", "tail watch live"},
	{"pause", "freeze hold"},
	{"why", "explain reason refused"},
	{"rotation", "rotate renew slots primary secondary"},
	{"certificates", "pki tls x509 expiry"},
	{"inspect", "show read view certificate"},
	{"write", "export save download"},
	{"bin", "trash deleted recycle"},
	{"restore", "bring back undelete recover"},
	{"purge", "erase empty delete forever"},
	{"import", "openapi swagger spec"},
	{"try a call", "test curl request invoke"},
	{"endpoint", "serve server listen port"},
	{"start an endpoint", "run launch"},
	{"environments", "stages production test"},
	{"workflows", "routes paths api"},
}

// synonyms are the words that an action of that name is looked for by besides.
func synonyms(name string) string {
	var words []string
	for _, a := range alsoCalled {
		if holdsWords(name, a.name) {
			words = append(words, a.words)
		}
	}
	return strings.Join(words, " ")
}

// holdsWords reports whether words of name begin with the others, one after the
// other.
func holdsWords(name, others string) bool {
	return strings.Contains(" "+strings.Join(wordsOf(model.Fold(name)), " "), " "+others)
}

// goTo begins the names of the actions that lead to a place.
const goTo = "go to "

// fit says how well a text that was typed fits the action: its name, a name of a
// key as it is, or the words that it is looked for by besides. 0 is not at all.
func (it action) fit(typed string) int {
	if model.Fold(strings.TrimSpace(typed)) == model.Fold(strings.TrimPrefix(it.name, "key ")) {
		return 1 + fitExact
	}
	direct := max(fitOf(typed, it.name), fitOf(typed, strings.TrimPrefix(it.name, goTo)))
	if it.of != "" {
		direct = max(direct, fitOf(typed, it.of))
	}
	if direct > 1+fitScattered || it.also == "" {
		return direct
	}
	name, also, sum := model.Fold(it.name), strings.Fields(it.also), 1
	for _, word := range strings.Fields(model.Fold(typed)) {
		switch {
		case slices.ContainsFunc(also, func(w string) bool { return strings.HasPrefix(w, word) }):
			sum += 2 * fitInside
		case wordFit(word, name) > fitScattered:
			sum += wordFit(word, name)
		default:
			return direct
		}
	}
	return sum
}
