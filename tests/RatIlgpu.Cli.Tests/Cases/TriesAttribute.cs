namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Marks a test that tries a row of the README's table of what loads.</summary>
/// <param name="row">The first cell of the row.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
sealed class TriesAttribute(string row) : Attribute
{
    /// <summary>Gets the first cell of the row.</summary>
    public string Row => row;
}
