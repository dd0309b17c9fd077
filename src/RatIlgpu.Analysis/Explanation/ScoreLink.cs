namespace RatIlgpu.Analysis;

/// <summary>What is explained, checked: a head, a query and a key that it sees.</summary>
/// <param name="Head">The head.</param>
/// <param name="Query">The position of the query.</param>
/// <param name="Key">The position of the key.</param>
/// <param name="Foil">The position of the key that it is compared with; null for none.</param>
/// <param name="Options">The options.</param>
/// <param name="Visible">The keys that the query sees, ascending.</param>
sealed record ScoreLink(
    HeadIndex Head, int Query, int Key, int? Foil, ScoreAttributionOptions Options, ImmutableArray<int> Visible)
{
    /// <summary>Gets the keys whose parts are read.</summary>
    public ImmutableArray<int> KeysRead => Options.Reading switch
    {
        ScoreReading.Here => [Key],
        ScoreReading.Foil => [Key, Foil!.Value],
        _ => Visible,
    };

    /// <summary>Checks what is asked for.</summary>
    /// <exception cref="ArgumentException">A position is padding; a key comes after the query or is outside its window;
    /// key and foil are the same; or the options contradict each other or the prompt.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have the head, or the prompt not a
    /// position.</exception>
    public static ScoreLink Make(
        Qwen2Config config,
        HeadIndex head,
        Index query,
        Index key,
        ScoreAttributionOptions options,
        int length,
        ImmutableArray<int>? mask)
    {
        head.Check(config.LayerCount, config.HeadCount);
        options.Check();
        var asked = Recording.Resolve(query, length, mask);
        var visible = VisibleKeys.Of(config, head.Layer, asked, mask);
        var (own, foil) = (Seen(key), options.FoilKey is { } other ? Seen(other) : (int?)null);
        if (own == foil)
            throw new ArgumentException(
                $"Key and foil are both position {own}: expected another key to compare it with.");
        return visible.Length > 1 || options.Reading != ScoreReading.Others
            ? new(head, asked, own, foil, options, visible)
            : throw new ArgumentException(
                $"Query {asked} sees no key but {own}, so there is no mean of others; the reading 'here' needs none.");

        int Seen(Index place)
        {
            var found = Recording.Resolve(place, length, mask);
            if (found > asked)
                throw new ArgumentException(
                    $"Key {found} comes after query {asked}, which sees only keys up to itself.");
            return visible.Contains(found)
                ? found
                : throw new ArgumentException(
                    $"Key {found} is outside the window of layer {head.Layer}, whose query {asked} sees keys "
                    + $"{visible[0]} to {asked}.");
        }
    }
}
