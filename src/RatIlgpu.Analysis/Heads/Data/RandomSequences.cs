namespace RatIlgpu.Analysis;

/// <summary>Makes sequences of random tokens, the control of what heads do on text: only positions tell anything
/// there.</summary>
/// <param name="pool">The tokens to draw from.</param>
/// <param name="seed">The seed.</param>
public sealed class RandomSequences(TokenPool pool, int seed = 0)
{
    /// <summary>Returns a sequence, which is the same for the same pool, seed, number and length.</summary>
    /// <param name="number">The number of the sequence; 0 or more.</param>
    /// <param name="length">The number of tokens; 1 or more. A token may come several times.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number or the length is too small.</exception>
    public ValueArray<int> Make(int number, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var random = new SeededRandom(seed, "random", number);
        return [.. Enumerable.Range(0, length).Select(_ => random.Choose(pool.Ids))];
    }
}
