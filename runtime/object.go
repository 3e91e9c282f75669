// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// object is a JSON object that keeps the order of its keys and the bytes of its values. A runtime
// configuration holds fields that this program does not know; they have to reach runc as they are.
type object struct {
	keys   []string
	values map[string]json.RawMessage
}

func parseObject(data []byte) (*object, error) {
	o := &object{values: map[string]json.RawMessage{}}
	if len(bytes.TrimSpace(data)) == 0 {
		return o, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	open, err := dec.Token()
	if err != nil {
		return nil, err
	}
	if open == nil { // null
		return o, nil
	}
	if open != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object: %v", open)
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		o.set(key.(string), value)
	}
	_, err = dec.Token()
	return o, err
}

func (o *object) set(key string, value json.RawMessage) {
	if _, known := o.values[key]; !known {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

func (o *object) setString(key, value string) {
	o.set(key, quote(value))
}

// child is the object under key, empty if there is none; changes to it count once it is set again.
func (o *object) child(key string) (*object, error) {
	child, err := parseObject(o.values[key])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return child, nil
}

func (o *object) bytes() json.RawMessage {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, key := range o.keys {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(quote(key))
		out.WriteByte(':')
		out.Write(o.values[key])
	}
	out.WriteByte('}')
	return out.Bytes()
}

func quote(s string) json.RawMessage {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	return bytes.TrimSpace(out.Bytes())
}
