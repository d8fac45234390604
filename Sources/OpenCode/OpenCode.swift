// OpenCode
