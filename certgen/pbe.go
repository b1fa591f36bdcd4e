package certgen

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des" // The legacy form of PKCS#12 is 3DES.
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
	"unicode/utf16"
)

// Iterations of the key derivations. Windows refuses a file that asks for
// more than 600,000 in all, and there are three derivations in one. Legacy
// readers expect what openssl has always written.
const (
	modernIterations = 100_000
	legacyIterations = 2048
)

// What the derivation of RFC 7292, appendix B.3, makes.
const (
	forKey = 1
	forIV  = 2
	forMAC = 3
)

type pbes2Params struct{ KDF, Cipher pkix.AlgorithmIdentifier }

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	PRF        pkix.AlgorithmIdentifier
}

type pbeParams struct {
	Salt       []byte
	Iterations int
}

// encrypt protects plain with the password: PBES2 with PBKDF2-HMAC-SHA-256 and
// AES-256-CBC, or the 3DES of PKCS#12 for the legacy form.
func encrypt(m *marshaller, o PFXOptions, plain []byte) (pkix.AlgorithmIdentifier, []byte) {
	if o.Legacy {
		return encryptLegacy(m, o, plain)
	}
	salt, iv := m.random(o.Rand, 16), m.random(o.Rand, aes.BlockSize)
	key, err := pbkdf2.Key(sha256.New, o.Password, salt, modernIterations, 32)
	if err != nil && m.err == nil {
		m.err = err
	}
	if m.err != nil {
		return pkix.AlgorithmIdentifier{}, nil
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		m.err = err
		return pkix.AlgorithmIdentifier{}, nil
	}
	prf := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, Parameters: asn1.NullRawValue}
	kdf := m.marshal(pbkdf2Params{salt, modernIterations, prf})
	params := m.marshal(pbes2Params{
		KDF:    algorithm(kdf, 1, 2, 840, 113549, 1, 5, 12),
		Cipher: algorithm(m.marshal(iv), 2, 16, 840, 1, 101, 3, 4, 1, 42),
	})
	return algorithm(params, 1, 2, 840, 113549, 1, 5, 13), encryptCBC(block, iv, plain)
}

func encryptLegacy(m *marshaller, o PFXOptions, plain []byte) (pkix.AlgorithmIdentifier, []byte) {
	salt := m.random(o.Rand, 8)
	derivation := derivation{sha1.New, bmpPassword(o.Password), salt, legacyIterations}
	block, err := des.NewTripleDESCipher(derivation.bytes(forKey, 24))
	if err != nil {
		m.err = err
		return pkix.AlgorithmIdentifier{}, nil
	}
	params := m.marshal(pbeParams{salt, legacyIterations})
	return algorithm(params, 1, 2, 840, 113549, 1, 12, 1, 3), encryptCBC(block, derivation.bytes(forIV, 8), plain)
}

// authenticate makes the MAC over the safe.
func authenticate(m *marshaller, o PFXOptions, safe []byte) macData {
	newHash, iterations, saltSize := sha256.New, modernIterations, 16
	digest := pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, Parameters: asn1.NullRawValue}
	if o.Legacy {
		newHash, iterations, saltSize = sha1.New, legacyIterations, 8
		digest.Algorithm = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	}
	salt := m.random(o.Rand, saltSize)
	key := derivation{newHash, bmpPassword(o.Password), salt, iterations}.bytes(forMAC, newHash().Size())
	mac := hmac.New(newHash, key)
	mac.Write(safe)
	return macData{digestInfo{digest, mac.Sum(nil)}, salt, iterations}
}

// algorithm names an algorithm whose parameters are already DER.
func algorithm(params []byte, oid ...int) pkix.AlgorithmIdentifier {
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: params}}
}

func encryptCBC(block cipher.Block, iv, plain []byte) []byte {
	n := block.BlockSize() - len(plain)%block.BlockSize()
	padded := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(n)}, n)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(padded, padded)
	return padded
}

// bmpPassword is the password as PKCS#12 derives from it: UTF-16, big endian,
// with a zero at the end.
func bmpPassword(password string) []byte {
	var b []byte
	for _, unit := range append(utf16.Encode([]rune(password)), 0) {
		b = append(b, byte(unit>>8), byte(unit))
	}
	return b
}

// derivation is the key derivation of RFC 7292, appendix B.2, for hashes with
// blocks of 64 bytes.
type derivation struct {
	newHash    func() hash.Hash
	password   []byte
	salt       []byte
	iterations int
}

func (d derivation) bytes(purpose byte, size int) []byte {
	h := d.newHash()
	v := h.BlockSize()
	input := append(fill(d.salt, v), fill(d.password, v)...)
	var out []byte
	for len(out) < size {
		h.Reset()
		h.Write(bytes.Repeat([]byte{purpose}, v))
		h.Write(input)
		sum := h.Sum(nil)
		for range d.iterations - 1 {
			h.Reset()
			h.Write(sum)
			sum = h.Sum(sum[:0])
		}
		out = append(out, sum...)
		addToBlocks(input, fill(sum, v)[:v])
	}
	return out[:size]
}

// fill repeats b up to the next multiple of n bytes.
func fill(b []byte, n int) []byte {
	size := (len(b) + n - 1) / n * n
	return bytes.Repeat(b, size/max(len(b), 1)+1)[:size]
}

// addToBlocks adds addend and 1 to each block of input, as big-endian numbers
// without the last carry.
func addToBlocks(input, addend []byte) {
	for ; len(input) > 0; input = input[len(addend):] {
		carry := 1
		for i := len(addend) - 1; i >= 0; i-- {
			carry += int(input[i]) + int(addend[i])
			input[i] = byte(carry)
			carry >>= 8
		}
	}
}
