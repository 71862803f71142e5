//! Engine 2: who lets go of what was acquired.
