module goleash.test/corpus

go 1.27

require (
	github.com/coder/websocket v1.8.15
	github.com/gorilla/websocket v1.5.3
	golang.org/x/sync v0.24.0
	goleash.test/judge v0.0.0
)

replace goleash.test/judge => ./judge
