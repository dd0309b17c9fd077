using RatIlgpu.Analysis;
using RatIlgpu.Files;
using RatIlgpu.Text;

namespace RatIlgpu.Html;

/// <summary>The states of the prompts of a page, as a grid for each prompt.</summary>
sealed class LensView
{
    /// <summary>Checks states, and collects what the page says of them all.</summary>
    /// <exception cref="ArgumentException">A prompt has no state, a state twice, or other states at one position than
    /// at the first.</exception>
    public LensView(LensBatch batch, Func<int, TokenText> tokens)
    {
        Batch = batch;
        Tokens = new(tokens);
        Prompts = [.. batch.Prompts.Select((reading, index) => new LensGrid(reading, index + 1, Tokens))];
        States = Prompts[0].States;
        foreach (var prompt in Prompts)
            if (!prompt.States.SequenceEqual(States))
                throw new ArgumentException(
                    $"Prompt {prompt.Number} has other states than prompt 1; the prompts of a page have the same.");
        var all = batch.Prompts.SelectMany(prompt => prompt.States).ToList();
        Top = all.Max(state => state.Top.Length);
        Followed = all.Max(state => state.Tokens.Length);
        Directions = [.. all.SelectMany(state => state.Projections).Select(one => one.Direction.Name).Distinct()];
        Projections = all.Max(state => state.Projections.Length);
        foreach (var token in all.SelectMany(state => state.Top.Concat(state.Tokens)))
            Tokens.Place(token.Id);
        Ranges = new(all);
    }

    public LensBatch Batch { get; }

    /// <summary>Gets every token of the page, each once.</summary>
    public TokenTable Tokens { get; }

    public ImmutableArray<LensGrid> Prompts { get; }

    /// <summary>Gets the labels of the states, in the order of the run.</summary>
    public ImmutableArray<string> States { get; }

    /// <summary>Gets the largest number of most probable tokens of a state.</summary>
    public int Top { get; }

    /// <summary>Gets the largest number of followed tokens of a state.</summary>
    public int Followed { get; }

    /// <summary>Gets the largest number of directions that are read in a state.</summary>
    public int Projections { get; }

    /// <summary>Gets the names of the directions, each once.</summary>
    public ImmutableArray<string> Directions { get; }

    public LensRanges Ranges { get; }

    /// <summary>Returns the token that is followed at a place of the list in all states; null where it
    /// differs.</summary>
    public int? FollowedAt(int place)
    {
        var found = Batch.Prompts.SelectMany(prompt => prompt.States)
            .Select(state => state.Tokens.Length > place ? state.Tokens[place].Id : -1).Distinct().Take(2).ToList();
        return found is [>= 0 and var only] ? only : null;
    }

    /// <summary>Gets a description of the size of the page.</summary>
    public string Size => string.Create(
        CultureInfo.InvariantCulture,
        $"{Prompts.Sum(prompt => (long)prompt.Positions.Length) * States.Length:N0} predictions of "
        + $"{CountText.Of(Top, "token")} ({CountText.Of(Prompts.Length, "prompt")}, {States.Length} states at each "
        + $"position)");
}

/// <summary>The states of one prompt: rows in the order of the run, a column for each position that was read.</summary>
sealed class LensGrid
{
    // In characters, of a prompt in the list of prompts.
    const int LongestLabel = 60;

    public LensGrid(LensReading reading, int number, TokenTable tokens)
    {
        (Reading, Number) = (reading, number);
        var positions = reading.States.GroupBy(state => state.Position).ToList();
        if (positions.Count == 0)
            throw new ArgumentException($"Prompt {number} has no state, expected at least one.");
        States = [.. positions[0].Select(state => state.State.Label)];
        if (States.Distinct().Count() < States.Length)
            throw new ArgumentException(
                $"Prompt {number} has a state twice at position {positions[0].Key}, expected each once.");
        foreach (var position in positions)
        {
            if (!position.Select(state => state.State.Label).SequenceEqual(States))
                throw new ArgumentException(
                    $"Prompt {number} has other states at position {position.Key} than at position "
                    + $"{positions[0].Key}, expected the same in the same order.");
            if (position.Key < 0 || position.Key >= reading.TokenIds.Length)
                throw new ArgumentException(
                    $"Prompt {number} has states at position {position.Key}, expected 0 to "
                    + $"{reading.TokenIds.Length - 1}.");
        }

        var ascending = positions.OrderBy(position => position.Key).ToList();
        Positions = [.. ascending.Select(position => position.Key)];
        Order = [.. positions.Select(position => Positions.BinarySearch(position.Key))];
        Cells = [.. ascending.SelectMany(position => position)];
        Text = [.. reading.TokenIds.Select(id => tokens[tokens.Place(id)])];
        Label = TokenGlyphs.Line(string.Concat(Text.Select(token => token.Text)), LongestLabel);
    }

    public LensReading Reading { get; }

    /// <summary>Gets the number of the prompt, from 1.</summary>
    public int Number { get; }

    /// <summary>Gets its text, shortened.</summary>
    public string Label { get; }

    /// <summary>Gets its tokens.</summary>
    public ImmutableArray<TokenText> Text { get; }

    public ImmutableArray<string> States { get; }

    /// <summary>Gets the positions that were read, ascending.</summary>
    public ImmutableArray<int> Positions { get; }

    /// <summary>Gets the lines that describe the interventions in its run, and its mask.</summary>
    public (ValueArray<string> Interventions, IEnumerable<int>? Mask) Run =>
        (Reading.Interventions, Reading.AttentionMask);

    /// <summary>Gets the columns in the order in which their positions were asked for.</summary>
    public ImmutableArray<int> Order { get; }

    /// <summary>Gets the predictions, <c>[column, state]</c>.</summary>
    public ImmutableArray<LensState> Cells { get; }

    public LensState this[int state, int column] => Cells[(column * States.Length) + state];
}

/// <summary>Tokens, each once, in the order in which they were first asked for.</summary>
sealed class TokenTable(Func<int, TokenText> textOf)
{
    readonly Dictionary<int, int> places = [];
    readonly List<TokenText> tokens = [];

    public IReadOnlyList<TokenText> Tokens => tokens;

    public TokenText this[int place] => tokens[place];

    /// <summary>Returns the place of a token by its id.</summary>
    public int Place(int id)
    {
        if (places.TryGetValue(id, out var place))
            return place;
        places.Add(id, tokens.Count);
        // The id is that of the model, whatever the text says.
        tokens.Add(textOf(id) with { Id = id });
        return tokens.Count - 1;
    }
}
