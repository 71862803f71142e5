package p

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// The test has failed where there is an answer.
func TestRefused(t *testing.T) {
	_, err := http.Get("http://localhost:1")
	if err == nil {
		t.Errorf("want an error")
	}
	_, err = http.Get("http://localhost:2")
	if err == nil || !strings.Contains(err.Error(), "refused") {
		t.Error("want another error", err)
	}
}

func contains(s, part string) {}

// Without an error there is nothing to ask for its text.
func TestText(t *testing.T) {
	_, err := http.Get("http://localhost:1")
	contains(err.Error(), "refused")
}

func TestReached(t *testing.T) {
	_, err := http.Get("http://localhost:1") // want error "is dropped without being closed"
	if err == nil {
		t.Log("reached")
	}
	_, err = http.Get("http://localhost:2") // want error "is dropped without being closed"
	if err != nil {
		t.Error(err)
	}
}

// The body is closed once it is written.
func dump(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	return resp.Write(os.Stdout)
}

// One variable for every answer: told once.
func TestAgainAndAgain(t *testing.T) {
	client := &http.Client{}
	resp, err := client.Get("http://localhost:1") // want error "resp.Body is not closed before"
	if err != nil {
		t.Fatal(err)
	}
	resp, err = client.Get("http://localhost:2")
	if err != nil {
		t.Fatal(err)
	}
	resp, err = client.Get("http://localhost:3")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(resp.StatusCode)
}

// What the test's own server answers has no body.
func TestEmptyAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		w.Header().Set("X-Path", r.URL.Path)
		w.WriteHeader(http.StatusOK)
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(resp.StatusCode)
}

func TestFullAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(r.URL.Path))
	}))
	defer server.Close()
	resp, err := http.Get(server.URL) // want error "resp.Body is never closed"
	if err != nil {
		t.Fatal(err)
	}
	t.Log(resp.StatusCode)
}
