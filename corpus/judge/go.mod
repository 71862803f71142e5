module goleash.test/judge

go 1.22
