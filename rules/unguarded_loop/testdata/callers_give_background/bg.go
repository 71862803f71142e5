package bg

import (
	"context"

	"example.com/bg/internal/job"
)

func Handle(ctx context.Context, work func()) {
	job.Every(context.Background(), work)
	job.Some(ctx, work)
}

func Again(work func()) {
	job.Every(context.TODO(), work)
	job.Some(context.Background(), work)
}
