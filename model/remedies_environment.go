package model

import (
	"fmt"
	"strings"
)

// mostHosts is how many of an environment's hosts are named.
const mostHosts = 3

// hostsText names the hosts of an environment: "the host a" or "the hosts a, b and
// 2 more"; "no host" for none.
func hostsText(hosts []string) string {
	switch len(hosts) {
	case 0:
		return "no host"
	case 1:
		return "the host " + hosts[0]
	}
	return "the hosts " + hostNames(hosts)
}

// hostNames is the first few of them.
func hostNames(hosts []string) string {
	if n := len(hosts); n > mostHosts {
		return fmt.Sprintf("%s and %d more", strings.Join(hosts[:mostHosts], ", "), n-mostHosts)
	}
	return strings.Join(hosts, ", ")
}

// strangeHost is the host of a call where environments have hosts and it is of
// none of them; "" otherwise.
func (s *Snapshot) strangeHost(host string) string {
	folded := FoldHost(host)
	if len(s.environments.byHost) == 0 || s.environments.byHost[folded] != nil {
		return ""
	}
	return folded
}

// hosts opens an environment, whose hosts are to be changed.
func (e *explaining) hosts(environment *Environment, format string, args ...any) Remedy {
	r := advice(format, args...)
	r.Kind, r.Environment = ChangeEnvironment, environment.ID
	return r
}

func (e *explaining) environmentRemedies(reason Reason) []Remedy {
	host := FoldHost(e.a.Host)
	byHost := e.snapshot.environments.byHost[host]
	switch reason {
	case EnvironmentRepeated:
		return []Remedy{advice("Have the caller send _profile once")}
	case EnvironmentEmpty:
		return []Remedy{advice("Have the caller name an environment in _profile, or leave it out: %s", e.snapshot.environmentNames())}
	case EnvironmentUnknown:
		return append([]Remedy{advice("Have the caller name an environment that exists in _profile: %s", e.snapshot.environmentNames())}, e.missing()...)
	case EnvironmentContradicted:
		list := []Remedy{advice("Have the caller leave _profile out, or call through a host of the environment that it names: %s belongs to another", host)}
		if byHost != nil {
			list = append(list, e.hosts(byHost, "Or take the host %s from %q, if it is not that environment's", host, byHost.Name))
		}
		return list
	}
	return e.notPermitted(host, byHost)
}

// notPermitted is for a call of another environment than the key's.
func (e *explaining) notPermitted(host string, byHost *Environment) []Remedy {
	var list []Remedy
	own := readOwnParams(e.a.Query)
	if t := e.target(); t != nil {
		list = append(list, e.reach(t))
		switch {
		case own.profiles > 0 || byHost == t:
		case byHost != nil:
			list = append(list, e.hosts(byHost, "Or take the host %s from %q, if it is not that environment's", host, byHost.Name))
		case e.snapshot.strangeHost(host) != "" && !t.Production:
			list = append(list, e.hosts(t, "Or give the environment %q the host %s, if calls through it are meant for that", t.Name, host))
		}
	}
	return append(list, e.about(ChangeTarget, "Or change the target of the key %q, if its holder may invoke %s", e.name(), e.asked()))
}

// missing makes the environment that a call names and that does not exist.
func (e *explaining) missing() []Remedy {
	own := readOwnParams(e.a.Query)
	name, ok := unescape(own.profile, true)
	if e.a.Partial || !ok || CheckName(name) != nil || e.environmentNamed(name) != nil {
		return nil
	}
	r := advice("Or make the environment %q, if there should be one", name)
	r.Kind, r.Name = MakeEnvironment, name
	return []Remedy{r}
}
