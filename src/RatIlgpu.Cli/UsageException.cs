namespace RatIlgpu.Cli;

/// <summary>Options that do not go together; the command was called wrongly.</summary>
sealed class UsageException(string message) : Exception(message);
