namespace RatIlgpu.Cli.Tests.Cases;

/// <summary>Names a row of the table in the README, section "Your own model", that the marked test tries.</summary>
/// <param name="row">The first cell of the row.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
sealed class TriesAttribute(string row) : Attribute
{
    /// <summary>Gets the first cell of the row.</summary>
    public string Row => row;
}
