using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;

namespace RatIlgpu.Analysis;

/// <summary>The recorded activations of one run of a model over a prompt. Immutable.</summary>
public sealed class Recording
{
    readonly ImmutableSortedDictionary<Site, RecordedActivation> activations;
    readonly ImmutableArray<InterventionLine> changes;

    internal Recording(
        ModelFingerprint model,
        ImmutableArray<int> tokenIds,
        ImmutableArray<int>? attentionMask,
        IEnumerable<RecordedActivation> activations,
        int? promptLength = null,
        ValueArray<string> interventions = default,
        ImmutableArray<int>? askedPositions = null)
    {
        (Model, TokenIds, AttentionMask) = (model, tokenIds, attentionMask);
        PromptLength = promptLength ?? tokenIds.Length;
        Interventions = interventions.IsDefault ? [] : interventions;
        AskedPositions = askedPositions ?? [];
        changes = [.. Interventions.Select(InterventionLine.Read).OfType<InterventionLine>()];
        this.activations =
            activations.ToImmutableSortedDictionary(one => one.Site, one => one.OwnedBy(this), Site.RunOrder);
    }

    /// <summary>Gets the fingerprint of the model that ran.</summary>
    public ModelFingerprint Model { get; }

    /// <summary>Gets the tokens that ran: the prompt, and those generated after it.</summary>
    public ImmutableArray<int> TokenIds { get; }

    /// <summary>Gets the number of tokens of the prompt, in [1, tokens]; the tokens after them were
    /// generated.</summary>
    public int PromptLength { get; }

    /// <summary>Gets the positions that were looked at when the run was recorded, ascending; empty for the last token
    /// alone, or if that is unknown. They say what to look at again; what was recorded is
    /// <see cref="RecordedActivation.Positions"/>.</summary>
    public ImmutableArray<int> AskedPositions { get; }

    /// <summary>Gets the attention mask, <c>[tokens]</c>: 1 for a token, 0 for padding; null if there was no
    /// padding.</summary>
    public ImmutableArray<int>? AttentionMask { get; }

    /// <summary>Gets a line that describes each intervention in the run; none if there was no intervention.</summary>
    public ValueArray<string> Interventions { get; }

    /// <summary>Gets the recorded sites in the order of the run.</summary>
    public IEnumerable<Site> Sites => activations.Keys;

    /// <summary>Returns the recording with other <see cref="AskedPositions"/>; it shares the numbers with this
    /// one.</summary>
    /// <param name="positions">The positions, at least one, each once.</param>
    /// <exception cref="ArgumentException">There is no position, or one is given twice.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The prompt does not have a position.</exception>
    public Recording AskedAt(params ReadOnlySpan<Index> positions)
    {
        var asked = ActivationAxes.Resolve([.. positions], TokenIds.Length, "position");
        return new(
            Model, TokenIds, AttentionMask, activations.Values, PromptLength, Interventions,
            asked is [var only] && only == TokenIds.Length - 1 ? [] : asked);
    }

    /// <summary>Returns the activation recorded at a site.</summary>
    /// <exception cref="NotRecordedException">The site was not recorded.</exception>
    public RecordedActivation this[Site site] => TryGet(site, out var found)
        ? found
        : throw new NotRecordedException($"{site} was not recorded", $"ask for {site.Activation} when recording");

    /// <summary>Finds the activation recorded at a site.</summary>
    public bool TryGet(Site site, [NotNullWhen(true)] out RecordedActivation? found) =>
        activations.TryGetValue(site, out found);

    /// <summary>Returns the last intervention that changed a head at a site; null if there was none.</summary>
    internal InterventionLine? ChangeOf(Site site, int head) =>
        changes.LastOrDefault(change => change.Site == site && change.Heads.Contains(head));

    /// <summary>Writes the recording to a safetensors file, whole or not at all: a tensor such as
    /// <c>layers.3.pattern</c> for each site; tokens, fingerprint, heads and positions in the metadata.</summary>
    /// <param name="path">The file; one that is there is replaced.</param>
    /// <exception cref="DirectoryNotFoundException">The folder of the file is not there.</exception>
    /// <exception cref="IOException">The path is a folder, or the file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder or the file may not be written.</exception>
    public void Save(string path) => RecordingWriter.Write(this, path);

    /// <summary>Reads a recording that <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file cannot be read, is damaged or holds no recording.</exception>
    public static Recording Load(string path) => RecordingReader.Read(path);

    /// <summary>Returns which activation is the first with a number that is NaN or infinite, and where; null if all
    /// numbers are finite.</summary>
    /// <remarks>Reads every number.</remarks>
    /// <returns>By the name of its tensor in a file: <c>'layers.3.value' holds NaN at 7 of 640</c>.</returns>
    public string? NotFinite()
    {
        foreach (var one in activations.Values)
        {
            var numbers = one.Values;
            if (float.IsFinite(TensorPrimitives.MaxMagnitude(numbers)))
                continue;
            var at = 0;
            while (float.IsFinite(numbers[at]))
                at++;
            return FormattableString.Invariant(
                $"'{RecordingFormat.NameOf(one.Site)}' holds {numbers[at]} at {at:N0} of {numbers.Length:N0}");
        }

        return null;
    }

    /// <summary>Returns a position of the prompt, counted from 0.</summary>
    internal int Resolve(Index position) => Resolve(position, TokenIds.Length, AttentionMask);

    /// <summary>Returns a position of a prompt, counted from 0.</summary>
    /// <exception cref="ArgumentException">The position is padding.</exception>
    internal static int Resolve(Index position, int length, ImmutableArray<int>? mask)
    {
        var found = ActivationAxes.Resolve(position, length, "position");
        return mask is { } given && given[found] == 0
            ? throw new ArgumentException($"Position {found} is padding, expected that of a token.")
            : found;
    }

    /// <summary>Returns positions of the prompt, counted from 0, in the order asked.</summary>
    /// <exception cref="ArgumentException">The recording is of another model; no position is asked for, or one twice,
    /// or one that is padding.</exception>
    internal ImmutableArray<int> Resolve(Qwen2Model model, ReadOnlySpan<Index> positions)
    {
        CheckFor(model);
        ActivationAxes.Resolve([.. positions], TokenIds.Length, "position");
        var found = new int[positions.Length];
        for (var i = 0; i < found.Length; i++)
            found[i] = Resolve(positions[i]);
        return [.. found];
    }

    /// <summary>Throws if the recording is of another prompt, or one with other padding.</summary>
    internal void CheckPrompt(ValueArray<int> ids, ValueArray<int>? mask, string prompt)
    {
        if (!TokenIds.SequenceEqual(ids))
            throw new ArgumentException(
                $"The run was recorded over other tokens than the {prompt}: {TokenIds.Length}, expected the "
                + $"{ids.Length} of the prompt.");
        for (var position = 0; position < ids.Length; position++)
            if ((AttentionMask?[position] == 0) != (mask is { } given && given[position] == 0))
                throw new ArgumentException(
                    $"The run was recorded with other padding than the {prompt} has, first at position {position}.");
    }

    /// <summary>Throws if the recording is of another model, or if a file claims to be of this model but holds other
    /// sites, heads or widths.</summary>
    internal void CheckFor(Qwen2Model model)
    {
        var own = ModelFingerprint.Of(model);
        if (Model != own)
            throw new ArgumentException(
                $"The recording is of another model: {OneLine.Shorten(Model.Text)}, expected {own}.");
        foreach (var one in activations.Values)
        {
            one.Site.Check(model.Config.LayerCount);
            var width = ActivationAxes.WidthOf(one.Site.Activation, model.Config) ?? TokenIds.Length;
            if (one.Width != width)
                throw new ArgumentException($"{one.Site} was recorded {one.Width} wide, expected {width}.");
            if (!one.Heads.IsEmpty)
                ActivationAxes.CheckHeads(one.Site.Activation, one.Heads, model.Config);
        }
    }
}
