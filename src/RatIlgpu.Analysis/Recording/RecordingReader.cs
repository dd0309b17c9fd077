using RatIlgpu.Weights;

namespace RatIlgpu.Analysis;

/// <summary>Reads a recording from a file and checks everything it says.</summary>
sealed class RecordingReader
{
    readonly SafetensorsFile file;
    readonly HashSet<string> unread;

    RecordingReader(SafetensorsFile file) => (this.file, unread) = (file, [.. file.Metadata.Keys]);

    /// <summary>Reads a recording.</summary>
    /// <inheritdoc cref="Recording.Load"/>
    public static Recording Read(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return new RecordingReader(file).Read();
    }

    Recording Read()
    {
        var format = Find(RecordingFormat.Format);
        if (format != RecordingFormat.Name)
            throw Wrong($"holds no recording: {Found(RecordingFormat.Format)}, expected '{RecordingFormat.Name}'.");
        var version = Find(RecordingFormat.Version);
        if (version is not (RecordingFormat.Number or RecordingFormat.NumberWithPromptLength
            or RecordingFormat.NumberWithAskedPositions))
            throw Wrong($"{Found(RecordingFormat.Version)}, expected '1', '2' or '3'.");
        if (Find(RecordingFormat.Model) is not { Length: > 0 } model)
            throw Wrong($"{Found(RecordingFormat.Model)}, expected the fingerprint of the model.");
        var tokens = Numbers(RecordingFormat.Tokens)
            ?? throw Wrong($"{Found(RecordingFormat.Tokens)}, expected the ids of the prompt.");
        var mask = Numbers(RecordingFormat.Mask);
        if (mask is { } entries && (entries.Length != tokens.Length || entries.Any(entry => entry > 1)))
            throw Wrong(
                $"{Found(RecordingFormat.Mask)}, expected 0 or 1 for each of the {tokens.Length} tokens.");
        var hasLength = version == RecordingFormat.NumberWithPromptLength
            || (version != RecordingFormat.Number && file.Metadata.ContainsKey(RecordingFormat.PromptLength));
        var promptLength = hasLength ? PromptLength(tokens.Length) : tokens.Length;
        var asked = version == RecordingFormat.NumberWithAskedPositions ? AskedPositions(tokens.Length) : [];
        ValueArray<string> interventions = Find(RecordingFormat.Interventions) is { } changes
            ? [.. changes.Split('\n').Select(OneLine.Escape)]
            : [];
        if (file.Names.Count == 0)
            throw Wrong($"holds no activation, expected one at least.");
        RecordedActivation[] activations = [.. file.Names.Select(name => ReadOne(name, tokens.Length))];
        if (unread.Min(StringComparer.Ordinal) is { } unknown)
            throw Wrong($"has metadata {OneLine.Quote(unknown)}, which no recording has.");
        return new(new(model), tokens, mask, activations, promptLength, interventions, asked);
    }

    int PromptLength(int all) => Numbers(RecordingFormat.PromptLength) is [> 0 and var count] && count <= all
        ? count
        : throw Wrong($"{Found(RecordingFormat.PromptLength)}, expected 1 to {all}, the number of tokens.");

    ImmutableArray<int> AskedPositions(int all) =>
        Numbers(RecordingFormat.AskedPositions) is { Length: > 0 } asked && Rises(asked) && asked[^1] < all
            ? asked
            : throw Wrong(
                $"{Found(RecordingFormat.AskedPositions)}, expected positions below {all}, each above the last.");

    RecordedActivation ReadOne(string name, int length)
    {
        var tensor = OneLine.Quote(name);
        if (RecordingFormat.SiteOf(name) is not { } site)
            throw Wrong($"{tensor} is no activation, expected a name such as 'layers.0.pattern' or 'logits'.");
        if (file.FormatOf(name) is not DataType.F32 and var other)
            throw Wrong($"{tensor} is {other}, expected F32.");
        var (shape, hasHeads) = (file.ShapeOf(name), ActivationAxes.HasHeads(site.Activation));
        var isPattern = site.Activation == Activation.Pattern;
        if (shape.Rank != (hasHeads ? 3 : 2) || shape.Count is 0 or > int.MaxValue)
            throw Wrong(
                $"{tensor} is {shape}, expected {(hasHeads ? 3 : 2)} axes and 1 to {int.MaxValue:N0} numbers.");
        if (isPattern && shape[2] != length)
            throw Wrong($"{tensor} is {shape}, expected {length} keys, as many as the prompt has tokens.");
        var positions = Places(RecordingFormat.PositionsOf(name), shape[isPattern ? 1 : 0], length, "positions");
        ImmutableArray<int> heads = hasHeads
            ? Places(RecordingFormat.HeadsOf(name), shape[isPattern ? 0 : 1], null, "heads")
            : [];
        var values = ImmutableCollectionsMarshal.AsImmutableArray(file.Tensor(name).Floats.ToArray());
        return new(site, positions, heads, shape[^1], values);
    }

    // The recorded indices of an axis in ascending order; without metadata, all from 0. Their limit is known for
    // positions only.
    ImmutableArray<int> Places(string name, int count, int? all, string what)
    {
        var places = Numbers(name);
        if (places is null && count == (all ?? count))
            return [.. Enumerable.Range(0, count)];
        var rises = places is { } some && some.Length == count && some.Last() < (all ?? int.MaxValue) && Rises(some);
        var end = all is { } most ? string.Create(CultureInfo.InvariantCulture, $" below {most}") : "";
        return rises
            ? places!.Value
            : throw Wrong($"{Found(name)}, expected {count} {what}{end}, each above the last.");
    }

    static bool Rises(ImmutableArray<int> numbers) =>
        numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second);

    ImmutableArray<int>? Numbers(string name)
    {
        if (Find(name) is not { } text)
            return null;
        var numbers = ImmutableArray.CreateBuilder<int>();
        foreach (var part in text.AsSpan().Split(' '))
            if (int.TryParse(text.AsSpan(part), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                numbers.Add(number);
            else
                throw Wrong($"{Found(name)}, expected whole numbers with single spaces between them.");
        return numbers.ToImmutable();
    }

    string? Find(string name)
    {
        unread.Remove(name);
        return file.Metadata.GetValueOrDefault(name);
    }

    string Found(string name) => file.Metadata.TryGetValue(name, out var text)
        ? $"metadata {OneLine.Quote(name)} is {OneLine.Quote(text)}"
        : $"metadata {OneLine.Quote(name)} is missing";

    InvalidDataException Wrong(FormattableString fault) => new($"{file.Path}: {FormattableString.Invariant(fault)}");
}
