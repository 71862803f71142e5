// Package greet answers greetings with the name of a user.
package greet

import (
	"context"
	"fmt"
	"sync"
)

type GetUserRequest struct{ ID string }

type GetUserResponse struct{ Name string }

type UserClient interface {
	GetUser(ctx context.Context, in *GetUserRequest) (*GetUserResponse, error)
}

type Greeter struct {
	users UserClient
	known sync.Map
}

func New(users UserClient) *Greeter { return &Greeter{users: users} }

// Greet greets at once, by name from the second time on.
func (g *Greeter) Greet(ctx context.Context, id string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if name, ok := g.known.Load(id); ok {
		return fmt.Sprintf("Hello, %s!", name), nil
	}
	go func() {
		resp, err := g.users.GetUser(context.Background(), &GetUserRequest{ID: id})
		if err == nil {
			g.known.Store(id, resp.Name)
		}
	}()
	return "Hello!", nil
}
