namespace RatIlgpu.Analysis;

/// <summary>The sizes of a constructed model, and what its streams and heads use their numbers for.</summary>
/// <remarks>The stream has a block of V numbers for the token, one for the previous token, one for what is written out,
/// and one more number, the flag. Of the rotary pairs of a head, the first turn fast enough to tell positions apart,
/// and the last turn so slowly that they keep their direction over a prompt: these are the codes of tokens.</remarks>
/// <param name="HeadSize">The size of a head, d.</param>
/// <param name="RopeTheta">The base of the rotary frequencies.</param>
/// <param name="FastPairs">The number of first pairs that tell positions apart.</param>
sealed record ConstructedShape(int HeadSize, double RopeTheta, int FastPairs)
{
    /// <summary>The tokens, V: two for each of the slow pairs.</summary>
    public const int Vocabulary = 2 * SlowPairs;

    /// <summary>The query heads of a layer, H.</summary>
    public const int HeadCount = 4;

    /// <summary>The key/value heads of a layer, G.</summary>
    public const int GroupCount = 2;

    /// <summary>The query heads that read one key/value head.</summary>
    public const int GroupSize = HeadCount / GroupCount;

    /// <summary>The place of the flag in the stream.</summary>
    public const int Flag = 3 * Vocabulary;

    /// <summary>The number added to the mean square of a row before the root is taken.</summary>
    public const float Epsilon = 1e-6f;

    const int SlowPairs = 8;

    /// <summary>Gets the smallest sizes: <c>d = 32</c>, <c>D = 128</c>, pairs that turn by 1, 0.316, 0.1 and 0.032 for
    /// each position, and slow ones that turn by 10⁻⁴ at most.</summary>
    public static ConstructedShape Reference { get; } = new(32, 1e8, 4);

    /// <summary>Gets sizes with the frequencies of Qwen2: <c>d = 64</c>, <c>D = 256</c>, a base of 10⁶.</summary>
    public static ConstructedShape Qwen2 { get; } = new(64, 1e6, 8);

    /// <summary>Gets the width of the stream, D: that of all heads.</summary>
    public int Width => HeadCount * HeadSize;

    /// <summary>Gets the coordinate of a head that no token has as its code where token V − 1 is not used.</summary>
    public int SpareCode => Code(Vocabulary - 1);

    /// <summary>Returns the place of a token in the stream.</summary>
    public static int Token(int token) => token;

    /// <summary>Returns the place in the stream of a token that stands before.</summary>
    public static int Previous(int token) => Vocabulary + token;

    /// <summary>Returns the place in the stream of a token that is written out.</summary>
    public static int Out(int token) => (2 * Vocabulary) + token;

    /// <summary>Returns the angle by which a pair turns from a position to the next, <c>θ_m =
    /// base^(−2m/d)</c>.</summary>
    public double Frequency(int pair) => Math.Pow(RopeTheta, -2.0 * pair / HeadSize);

    /// <summary>Returns the slow pair of a token: tokens t and t + V/2 share one, as its two coordinates.</summary>
    public int Pair(int token) => (HeadSize / 2) - SlowPairs + (token % SlowPairs);

    /// <summary>Returns the coordinate of a head that stands for a token.</summary>
    public int Code(int token) => token < SlowPairs ? Pair(token) : Pair(token) + (HeadSize / 2);

    /// <summary>Returns the height of a number 1 after the norm of a stream, <c>ρ = 1 / sqrt(|x|²/D + ε)</c>.</summary>
    /// <param name="squares">The sum of the squares of the stream, <c>|x|²</c>.</param>
    public double Height(double squares) => 1 / Math.Sqrt((squares / Width) + Epsilon);
}
