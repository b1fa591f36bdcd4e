package server

import "time"

// ForgetCheck makes the next handshake look at c's files.
func ForgetCheck(c *Certificate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.checked = time.Time{}
}

// AppendJSON, AppendText and AppendXML are the endpoint's encoders.
var (
	AppendJSON = appendJSON
	AppendText = appendText
	AppendXML  = appendXML
)
