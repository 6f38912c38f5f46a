//! Which IAM actions a build needs, and the policies that allow just those.
