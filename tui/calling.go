package tui

import (
	"fmt"
	"strconv"
	"strings"

	"dev.keyward/keyward/model"
)

// calling is a call as programs make it. What is written of it holds no secret:
// that is read from a file or from the environment variable secretVariable.
type calling struct {
	method, url string
	certificate bool   // the caller proves itself with a certificate
	ca          string // the file of the endpoint's own CA; "": none is needed
}

// secretVariable is from where the lines for a call take the secret.
const secretVariable = "KEYWARD_SECRET"

// language is a way to write a call.
type language struct {
	name  string
	end   string // of a file that holds the lines
	lines func(c calling, width int) []string
	note  func(c calling) string // what is needed beside the lines
}

// languages are those that a call is shown in.
var languages = []language{
	{"curl", ".sh", func(c calling, width int) []string { return folded(c.curl(), width) }, calling.curlNote},
	{"PowerShell", ".ps1", func(c calling, width int) []string { return c.powerShell(width) }, calling.powerShellNote},
	{"C#", ".cs", func(c calling, width int) []string { return c.cSharp(width) }, calling.netNote},
	{"Python", ".py", func(c calling, width int) []string { return c.python(width) }, calling.note},
	{"Go", ".go", func(c calling, width int) []string { return c.goProgram(width) }, calling.note},
}

// callAt is a call of a target, from its path on or a whole URL, at the console's
// endpoint.
func (rt *runtime) callAt(method, target string, certificate bool) calling {
	if target == "" || target[0] == '/' {
		target = rt.at(target)
	}
	return calling{method, plainURL(target), certificate, rt.CAFile}
}

// at is the URL of a target at the endpoint that samples call.
func (rt *runtime) at(target string) string { return strings.TrimSuffix(rt.Endpoint, "/") + target }

// targetAgain is the URL of a call that was made, with the host that it named: one
// may ask for an environment. It has no auth-key: the secret of the call again
// comes in the header, and with both the call would be refused.
func (rt *runtime) targetAgain(a model.Activity) string {
	a.Query = model.WithoutAuthKey(a.Query)
	if a.Host == "" {
		return rt.at(target(a))
	}
	scheme := "https://"
	if strings.HasPrefix(rt.Endpoint, "http://") {
		scheme = "http://"
	}
	return scheme + a.Host + target(a)
}

// plainURL percent-encodes what may not stand in a URL, so that what is left to
// quote is printable ASCII without blanks. A fragment is never sent.
func plainURL(raw string) string {
	raw, _, _ = strings.Cut(raw, "#")
	var b strings.Builder
	for i := range len(raw) {
		if c := raw[i]; c <= ' ' || c >= 0x7f {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(raw[i])
	}
	return b.String()
}

func (c calling) note() string {
	if c.certificate {
		return "client.crt and client.key are the caller's certificate and its private key."
	}
	return secretVariable + " in the environment holds the secret."
}

func (c calling) curlNote() string {
	if c.certificate {
		return c.note()
	}
	return "secret.header is a file that holds  Authorization: Key=SECRET"
}

// powerShellNote says why its lines have another scheme than the others.
func (c calling) powerShellNote() string {
	if c.certificate {
		return c.netNote()
	}
	return c.netNote() + " PowerShell refuses to send Key=, which is no scheme: Bearer means the same to keyward."
}

// netNote is note where no CA can be named for one call.
func (c calling) netNote() string {
	if c.ca == "" || !strings.HasPrefix(c.url, "https:") {
		return c.note()
	}
	return c.note() + " This machine has to trust the endpoint's certificate."
}

// curl is the call for a POSIX shell, an argument with its value each. curl would
// take brackets and braces for patterns, and tidy dots up in a path.
func (c calling) curl() []string {
	parts := []string{"curl"}
	if strings.ContainsAny(c.url, "[]{}") {
		parts = append(parts, "--globoff")
	}
	if strings.Contains(c.url, "/.") {
		parts = append(parts, "--path-as-is")
	}
	if c.ca != "" {
		parts = append(parts, "--cacert "+model.ShellQuote(c.ca))
	}
	if c.certificate {
		parts = append(parts, "--cert client.crt", "--key client.key")
	} else {
		parts = append(parts, "-H @secret.header")
	}
	if flag := model.CurlMethod(c.method); flag != "" {
		parts = append(parts, flag)
	}
	return append(parts, model.ShellQuote(c.url))
}

// quoted is a text as C#, Python and Go write it: ASCII, in double quotes, with
// the escapes that the three have in common.
func (calling) quoted(s string) string { return strconv.QuoteToASCII(model.Clean(s)) }

// single is a text as PowerShell writes it where nothing is to be expanded. It
// takes typographic quotes for quotes.
func (calling) single(s string) string {
	var b strings.Builder
	for _, r := range model.Clean(s) {
		if strings.ContainsRune("'‘’‚‛", r) {
			b.WriteRune(r)
		}
		b.WriteRune(r)
	}
	return "'" + b.String() + "'"
}

// powerShell is the call for version 5.1 and later. Those check the header, in
// which Key= is no scheme: Bearer is one that keyward takes as well.
func (c calling) powerShell(width int) []string {
	head, auth := "$secret = $env:"+secretVariable, `-Headers @{ Authorization = "Bearer $secret" }`
	if c.certificate {
		head, auth = "$certificate = Get-PfxCertificate client.pfx", "-Certificate $certificate"
	}
	lines := []string{
		head,
		"Invoke-RestMethod -Method " + c.single(c.method) + " `",
		"  " + auth + " `",
	}
	if url := c.urlLines(c.single, "    ", " +", width-6); len(url) > 1 {
		return append(append(append(lines, "  -Uri ("), url...), "  )")
	}
	return append(lines, "  -Uri "+c.single(c.url))
}

// cSharp is the call as top-level statements of .NET 6 and later.
func (c calling) cSharp(width int) []string {
	var lines []string
	client := "using var client = new HttpClient();"
	if c.certificate {
		lines = []string{
			"using System.Security.Cryptography.X509Certificates;", "",
			"using var handler = new HttpClientHandler();",
			`handler.ClientCertificates.Add(X509Certificate2.CreateFromPemFile("client.crt", "client.key"));`,
		}
		client = "using var client = new HttpClient(handler);"
	}
	lines = append(lines, client,
		"using var request = new HttpRequestMessage(",
		"    new HttpMethod("+c.quoted(c.method)+"),")
	lines = append(lines, ended(c.urlLines(c.quoted, "    ", " +", width-8), ");")...)
	if !c.certificate { // Key= is no scheme, which .NET would look for
		lines = append(lines,
			`request.Headers.TryAddWithoutValidation("Authorization",`,
			`    "Key=" + Environment.GetEnvironmentVariable("`+secretVariable+`"));`)
	}
	return append(lines,
		"using var response = await client.SendAsync(request);",
		"Console.WriteLine($\"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}\");")
}

// python is the call with nothing but the standard library of version 3.
func (c calling) python(width int) []string {
	lines := []string{"import os, ssl, urllib.error, urllib.request", "", "context = ssl.create_default_context()"}
	if c.ca != "" {
		lines[2] = "context = ssl.create_default_context(cafile=" + c.quoted(c.ca) + ")"
	}
	if c.certificate {
		lines = append(lines, `context.load_cert_chain("client.crt", "client.key")`)
	}
	lines = append(lines, "request = urllib.request.Request(")
	lines = append(lines, ended(c.urlLines(c.quoted, "    ", "", width-6), ",")...)
	lines = append(lines, "    method="+c.quoted(c.method)+")")
	if !c.certificate {
		lines = append(lines, `request.add_header("Authorization", "Key=" + os.environ["`+secretVariable+`"])`)
	}
	return append(lines,
		"try:",
		"    with urllib.request.urlopen(request, context=context) as response:",
		"        print(response.status, response.read().decode())",
		"except urllib.error.HTTPError as error:",
		"    print(error.code, error.read().decode())")
}

// goProgram is the call as a program with nothing but the standard library.
func (c calling) goProgram(width int) []string {
	imports := []string{"crypto/tls", "fmt", "io", "log", "net/http"}
	var setup []string
	if c.ca != "" {
		imports = append(imports, "crypto/x509")
		setup = append(setup,
			"\tpem, err := os.ReadFile("+c.quoted(c.ca)+")", "\tcheck(err)",
			"\tconfig.RootCAs = x509.NewCertPool()", "\tconfig.RootCAs.AppendCertsFromPEM(pem)")
	}
	if c.certificate {
		setup = append(setup,
			`	pair, err := tls.LoadX509KeyPair("client.crt", "client.key")`, "\tcheck(err)",
			"\tconfig.Certificates = []tls.Certificate{pair}")
	}
	setup = append(setup, "\trequest, err := http.NewRequest("+c.quoted(c.method)+",")
	setup = append(append(setup, ended(c.urlLines(c.quoted, "\t\t", " +", width-16), ", nil)")...), "\tcheck(err)")
	if !c.certificate {
		setup = append(setup, `	request.Header.Set("Authorization", "Key="+os.Getenv("`+secretVariable+`"))`)
	}
	if c.ca != "" || !c.certificate {
		imports = append(imports, "os")
	}
	lines := []string{"package main", "", "import ("}
	for _, name := range imports {
		lines = append(lines, "\t"+strconv.Quote(name))
	}
	lines = append(lines, ")", "", "func check(err error) {", "\tif err != nil {", "\t\tlog.Fatal(err)", "\t}", "}", "",
		"func main() {", "\tconfig := &tls.Config{}")
	lines = append(lines, setup...)
	return append(lines,
		"\tclient := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}",
		"\tresponse, err := client.Do(request)", "\tcheck(err)", "\tdefer response.Body.Close()",
		"\tbody, err := io.ReadAll(response.Body)", "\tcheck(err)",
		"\tfmt.Println(response.StatusCode, string(body))", "}")
}
