namespace RatIlgpu.Text;

/// <summary>What one side of a chat says.</summary>
/// <param name="Role">Who speaks: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">What is said.</param>
public sealed record ChatMessage(string Role, string Content);
