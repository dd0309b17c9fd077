using System.Runtime.CompilerServices;
using Xunit.v3;

namespace RatIlgpu.Properties;

/// <summary>Marks a law: a statement about every value of its parameter, tried on many random cases.</summary>
/// <remarks><c>RATILGPU_LAW_CASES</c> sets how many cases a law tries. <c>RATILGPU_LAW_SEED</c> repeats a run: a
/// failure prints the value as <c>(seed,gamma)</c>, and the case it shrank to.</remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LawAttribute : PropertyAttribute, IFactAttribute
{
    readonly string? sourceFilePath;
    readonly int sourceLineNumber;

    /// <summary>Reads the number of cases and the seed from the environment.</summary>
    /// <param name="cases">How many cases to try unless the environment says otherwise.</param>
    /// <param name="sourceFilePath">The file of the law; the compiler fills it in.</param>
    /// <param name="sourceLineNumber">The line of the law; the compiler fills it in.</param>
    public LawAttribute(
        int cases = 200, [CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    {
        (Cases, this.sourceFilePath, this.sourceLineNumber) = (cases, sourceFilePath, sourceLineNumber);
        MaxTest = cases;
        Replay = Environment.GetEnvironmentVariable("RATILGPU_LAW_SEED");
        QuietOnSuccess = true;
        if (Environment.GetEnvironmentVariable("RATILGPU_LAW_CASES") is not { Length: > 0 } text)
            return;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
            MaxTest = count;
        else
            // An exception here would hide the law. FsCheck fails a law with a wrong seed, and prints the seed.
            Replay = $"RATILGPU_LAW_CASES is {text}: expected a number from 1";
    }

    /// <summary>Gets how many cases the law tries unless the environment says otherwise.</summary>
    public int Cases { get; }

    // FsCheck's attribute gives its own source, not that of the law.
    string? IFactAttribute.SourceFilePath => sourceFilePath;

    int? IFactAttribute.SourceLineNumber => sourceLineNumber;
}
