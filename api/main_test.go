package api

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain sees to it that no test leaves a goroutine of the client behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
