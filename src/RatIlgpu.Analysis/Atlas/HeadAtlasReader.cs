using System.Diagnostics;

namespace RatIlgpu.Analysis;

/// <summary>Reads what every head of a model does: scores over texts and made sequences, roles, and what ablation,
/// weights and earlier heads say of them.</summary>
public sealed class HeadAtlasReader
{
    readonly LanguageModel model;
    readonly AtlasOptions options;
    readonly AtlasPlan plan;

    /// <summary>Prepares to read a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">On what heads are scored; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public HeadAtlasReader(LanguageModel model, AtlasOptions? options = null)
    {
        (this.model, this.options) = (model, options ?? new());
        plan = new(model.Tokenizer, model.Config, this.options);
    }

    /// <summary>Reads the model.</summary>
    /// <param name="detail">What the atlas has besides scores and roles; null for all.</param>
    /// <param name="progress">Is told how far the atlas has come; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number of cards is negative.</exception>
    /// <exception cref="ArithmeticException">An activation is not a number: the weights are damaged.</exception>
    /// <exception cref="FileNotFoundException">A file of the texts is not there.</exception>
    /// <exception cref="InvalidDataException">A file of the texts cannot be read, or a text has a token that the model
    /// has no embedding of.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public HeadAtlas Read(
        AtlasDetail? detail = null,
        IProgress<AtlasProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        var part = PartialAtlas.Begin(model, options, AtlasShard.Whole);
        part.Run(
            model, options,
            done =>
            {
                progress?.Report(new("scores", done.Share));
                return true;
            },
            cancellation);
        return Complete(part, detail, progress, cancellation);
    }

    /// <summary>Reads what only the model tells, and makes the atlas of sums that are there, such as those of all
    /// shards.</summary>
    /// <inheritdoc cref="Read"/>
    /// <param name="part">The sums, of this model and these options.</param>
    /// <param name="detail">What the atlas has besides scores and roles; null for all.</param>
    /// <param name="progress">Is told how far the atlas has come; null for nobody.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="ArgumentException">The sums are of another model.</exception>
    public HeadAtlas Complete(
        PartialAtlas part,
        AtlasDetail? detail = null,
        IProgress<AtlasProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        detail ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(detail.Cards);
        Check(part);
        var clock = Stopwatch.StartNew();
        var weights = detail.Weights
            ? WeightReader.Of(model, plan, options.Seed).Read(Stage("weights"), cancellation)
            : ImmutableDictionary<HeadIndex, ImmutableSortedDictionary<string, HeadScore>>.Empty;
        var heads = AtlasHeads.Of(part.Sums, model.Config, options.Profile, weights);
        var verdicts = detail.Verdicts
            ? new CausalVerdicts(model, options).Of(heads, Stage("verdicts"), cancellation)
            : new(heads, [], ImmutableSortedDictionary<HeadBehaviour, double>.Empty, []);
        heads = detail.Feeders
            ? FeederFinder.AddTo(model.Network, plan, verdicts.Heads, Stage("feeders"), cancellation)
            : verdicts.Heads;
        var cards = new CardMaker(model, part.Sums).Make(
            detail.CardHeads.IsEmpty ? CardMaker.Choose(heads, detail.Cards) : detail.CardHeads.Items,
            Stage("cards"), cancellation);
        var (manifest, known) = (part.ToManifest(), heads.SelectMany(head => head.Scores.Keys).ToHashSet());
        return new()
        {
            Manifest = manifest with
            {
                Seconds = manifest.Seconds + clock.Elapsed.TotalSeconds,
                Warnings = [.. manifest.Warnings, .. verdicts.Warnings],
            },
            Scores = [.. AtlasHeads.Definitions(model.Config).Where(score => known.Contains(score.Id))],
            Heads = heads,
            Cards = cards.Cards,
            Texts = cards.Texts,
            Points = cards.Points,
            RoleEffects = verdicts.RoleEffects,
            Behaviours = verdicts.Behaviours,
        };

        Action<double>? Stage(string name) =>
            progress is null ? null : share => progress.Report(new(name, share));
    }

    void Check(PartialAtlas part)
    {
        var own = ModelFingerprint.Of(model.Network).Text;
        if (part.Fingerprint != own)
            throw new ArgumentException(
                $"The sums are of {part.Model} ({part.Fingerprint}), expected those of {model.Name} ({own}); read the "
                + "model of which they were made.", nameof(part));
    }
}

/// <summary>How far an atlas has come.</summary>
/// <param name="Stage">What is done now: <c>scores</c>, <c>weights</c>, <c>verdicts</c>, <c>feeders</c> or
/// <c>cards</c>.</param>
/// <param name="Share">The share of the stage that is done, in [0, 1]; null where the texts are not counted before they
/// are read.</param>
public readonly record struct AtlasProgress(string Stage, double? Share);
