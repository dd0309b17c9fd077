namespace RatIlgpu.Text;

/// <summary>Which pairs of tokens merge to which token, the earliest first.</summary>
sealed class MergeTable
{
    readonly Dictionary<ulong, int> ranks = [];
    readonly List<(int Left, int Right, int Result)> merges = [];

    /// <summary>Gets how many pairs there are.</summary>
    public int Count => merges.Count;

    /// <summary>Adds the pair that merges after all others; tells whether it is new.</summary>
    /// <param name="left">The first token of the pair.</param>
    /// <param name="right">The second token of the pair.</param>
    /// <param name="result">The token they become.</param>
    public bool Add(int left, int right, int result)
    {
        if (!ranks.TryAdd(Key(left, right), merges.Count))
            return false;
        merges.Add((left, right, result));
        return true;
    }

    /// <summary>Returns how many pairs merge before this one, or -1 when it never does.</summary>
    public int Rank(int left, int right) => ranks.TryGetValue(Key(left, right), out var rank) ? rank : -1;

    /// <summary>Returns the token that the pair of a rank becomes.</summary>
    public int Result(int rank) => merges[rank].Result;

    /// <summary>Returns the pair of a rank.</summary>
    public (int Left, int Right) Pair(int rank) => (merges[rank].Left, merges[rank].Right);

    // An odd factor keeps keys distinct and spreads them: the hash of a ulong is the exclusive or of its halves, under
    // which most pairs of ids would meet.
    static ulong Key(int left, int right) => (((ulong)(uint)left << 32) | (uint)right) * 0x9E37_79B9_7F4A_7C15;
}
