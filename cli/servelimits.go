package cli

import (
	"github.com/spf13/cobra"

	"dev.keyward/keyward/server"
)

// serveLimits is what serve's flags say about who is held up (docs/limits.md).
type serveLimits struct {
	failures    int
	connections server.Connections
	proxies     []string
}

func (l *serveLimits) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&l.failures, "failure-limit", server.DefaultFailureLimit, "`N` calls a minute without a valid key from one address before the rest is answered 429; a valid key always passes; 0: no limit")
	f.IntVar(&l.connections.Most, "max-connections", 0, "`N` connections at once on each port; 0: as many as the limit of open files leaves room for")
	f.IntVar(&l.connections.EachSource, "max-connections-each", 0, "`N` of them from one address; 0: half")
	f.StringArrayVar(&l.proxies, "trusted-proxy", nil, "`CIDR` or address of a proxy whose X-Forwarded-For says where a failure came from; repeatable")
}

// prepare puts the limits into o.
func (l *serveLimits) prepare(c *cobra.Command, o *server.Options) (err error) {
	switch {
	case l.failures < 0:
		return usagef(c, "--failure-limit is a number of calls a minute, or 0 for no limit")
	case l.connections.Most < 0 || l.connections.EachSource < 0:
		return usagef(c, "--max-connections and --max-connections-each are numbers from 1 on, or 0 for what the machine allows")
	}
	if o.FailureLimit = l.failures; l.failures == 0 {
		o.FailureLimit = -1
	}
	if o.TrustedProxies, err = server.ParseProxies(l.proxies); err != nil {
		return usagef(c, "--trusted-proxy: %v", err)
	}
	l.connections.Exempt = o.TrustedProxies
	return nil
}
