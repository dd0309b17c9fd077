namespace RatIlgpu.Cli.Options;

/// <summary>Finds the word that was probably meant.</summary>
static class Suggestion
{
    /// <summary>Returns <c>; did you mean X?</c> for the closest word, or an empty text if none is close.</summary>
    public static string For(string typed, IEnumerable<string> words)
    {
        var (best, distance) = (default(string), int.MaxValue);
        foreach (var word in words)
            if (Distance(typed, word) is var found && found < distance && found <= int.Max(2, word.Length / 3))
                (best, distance) = (word, found);
        return best is null ? "" : $"; did you mean {best}?";
    }

    /// <summary>Returns the least number of letters to insert, delete, replace or exchange with their neighbour that
    /// turns one word into another.</summary>
    /// <remarks>The optimal string alignment distance.</remarks>
    public static int Distance(string from, string to)
    {
        // A mistyped word is short; the rest of a long text says no more.
        (from, to) = (from[..int.Min(from.Length, 64)], to[..int.Min(to.Length, 64)]);
        var cost = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            for (var j = 0; j <= to.Length; j++)
                cost[i, j] = i == 0 || j == 0 ? i + j : Cheapest(i, j);
        return cost[from.Length, to.Length];

        int Cheapest(int i, int j)
        {
            var same = from[i - 1] == to[j - 1];
            var least = int.Min(int.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (same ? 0 : 1));
            return i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]
                ? int.Min(least, cost[i - 2, j - 2] + 1)
                : least;
        }
    }
}
