using RatIlgpu.Text;

namespace RatIlgpu.Analysis;

/// <summary>What every head of a model does: scores with chance levels and intervals, roles, and what ablation says of
/// them.</summary>
public sealed record HeadAtlas
{
    /// <summary>Gets what the atlas was made of.</summary>
    public required AtlasManifest Manifest { get; init; }

    /// <summary>Gets the definitions of the scores.</summary>
    public required ValueArray<HeadScoreDefinition> Scores { get; init; }

    /// <summary>Gets those of <see cref="Scores"/> that decide the roles, under the rules of the atlas.</summary>
    public ImmutableArray<HeadScoreDefinition> DecidingScores
    {
        get
        {
            var deciding = RoleRules.Deciding(Manifest.Profile);
            return [.. Scores.Where(score => deciding.Contains(score.Id))];
        }
    }

    /// <summary>Gets all heads, by layer, then by number.</summary>
    public required ValueArray<AtlasHead> Heads { get; init; }

    /// <summary>Gets the full cards, those of the strongest heads of each role.</summary>
    public ValueArray<HeadCard> Cards { get; init; } = [];

    /// <summary>Gets the sequences from which examples and vectors are.</summary>
    public ValueArray<AtlasText> Texts { get; init; } = [];

    /// <summary>Gets the positions of the vectors of the cards.</summary>
    public ValueArray<VectorPoint> Points { get; init; } = [];

    /// <summary>Gets what all heads of each role do together.</summary>
    public ValueArray<RoleEffect> RoleEffects { get; init; } = [];

    /// <summary>Gets the behaviours of the whole model; empty where none was measured.</summary>
    public ImmutableSortedDictionary<HeadBehaviour, double> Behaviours { get; init; } =
        ImmutableSortedDictionary<HeadBehaviour, double>.Empty;

    /// <summary>Returns the head.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The model does not have it.</exception>
    public AtlasHead this[HeadIndex head]
    {
        get
        {
            head.Check(Manifest.LayerCount, Manifest.HeadCount);
            return Heads[(head.Layer * Manifest.HeadCount) + head.Head];
        }
    }
}

/// <summary>A sequence of an atlas.</summary>
/// <param name="Number">Its number in the pass of text.</param>
/// <param name="Tokens">Its tokens.</param>
public sealed record AtlasText(long Number, ValueArray<TokenText> Tokens);

/// <summary>A position whose vectors are drawn.</summary>
/// <param name="Text">The place of the sequence in <see cref="HeadAtlas.Texts"/>.</param>
/// <param name="Position">The position in it.</param>
public readonly record struct VectorPoint(int Text, int Position);
