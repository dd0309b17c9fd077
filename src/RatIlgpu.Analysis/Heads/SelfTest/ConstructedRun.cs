namespace RatIlgpu.Analysis;

/// <summary>A constructed model on a device, and what is measured of it.</summary>
/// <param name="model">The model; disposed with this.</param>
sealed class ConstructedRun(LanguageModel model) : IDisposable
{
    /// <summary>Gets the model.</summary>
    public Qwen2Model Network => model.Network;

    /// <summary>Writes a model and loads it from its files.</summary>
    /// <param name="constructed">The model.</param>
    /// <param name="folder">The folder of the checkpoint.</param>
    /// <param name="device">The device that computes.</param>
    public static ConstructedRun Load(ConstructedModel constructed, string folder, Device device)
    {
        constructed.Save(folder);
        return new(LanguageModel.Load(folder, device));
    }

    /// <summary>Returns the pattern of a head, <c>[queries][keys]</c>; row i has i + 1 keys.</summary>
    /// <param name="ids">The prompt.</param>
    /// <param name="head">The head.</param>
    /// <param name="changes">The interventions of the run.</param>
    public double[][] Pattern(IReadOnlyList<int> ids, HeadIndex head, params ImmutableArray<Intervention> changes)
    {
        var capture = new Capture(Activation.Pattern) { Layers = [head.Layer], Heads = [head.Head] };
        var pattern = Record(ids, capture, changes);
        return
        [
            .. Enumerable.Range(0, ids.Count).Select(query => Wide(pattern.Row(query, head.Head)[..(query + 1)])),
        ];
    }

    /// <summary>Returns the logits of a prompt, <c>[positions][vocabulary]</c>.</summary>
    /// <param name="ids">The prompt.</param>
    /// <param name="changes">The interventions of the run.</param>
    public double[][] Logits(IReadOnlyList<int> ids, params ImmutableArray<Intervention> changes)
    {
        var logits = Record(ids, new(Activation.Logits), changes);
        return [.. Enumerable.Range(0, ids.Count).Select(position => Wide(logits.Row(position)))];
    }

    /// <summary>Runs sequences and returns the statistics of what is summed over them.</summary>
    /// <param name="layout">The layout of the sums.</param>
    /// <param name="sequences">The sequences, each a unit.</param>
    public PassStatistics Statistics(PassLayout layout, IEnumerable<UnitSequence> sequences)
    {
        var sums = new PassSums(layout, Network.Config.LayerCount * Network.Config.HeadCount);
        using var lengths = new ValueLengths(Network);
        foreach (var (number, sequence) in sequences.Index())
        {
            var unit = new UnitScorer(sums, number, number % PassSums.GroupCount);
            Network.Run(sequence.Ids.Items.AsSpan(), new()
            {
                Probe = new HeadScoreProbe(Network, lengths, unit, sequence.Cells),
                LogitCount = 0,
            });
            unit.Finish();
        }

        return new(sums, Network.Config);
    }

    /// <summary>Makes an intervention that sets the output of a head to 0.</summary>
    /// <param name="head">The head.</param>
    /// <param name="positions">The positions; none for all.</param>
    public Intervention Zero(HeadIndex head, params ImmutableArray<int> positions) => Intervention.Zero(
        InterventionTarget.At(
            Network, Activation.HeadOutput, head.Layer, [head.Head], positions.IsEmpty ? null : positions));

    /// <summary>Returns what a head writes to the logits of tokens that it reads, <c>W_U W_O W_V W_E</c> with the
    /// values of its group, <c>[read][written]</c>.</summary>
    public double[][] Circuit(HeadIndex head)
    {
        var (weights, config) = (Network.Weights, Network.Config);
        var layer = weights.Layers[head.Layer];
        var values = Rows(layer.Value, head.Head / config.GroupSize * config.HeadSize, config.HeadSize);
        var outputs = Rows(layer.Output, 0, config.HiddenSize);
        var unembedding = Rows(weights.Unembedding, 0, config.VocabularySize);
        var column = head.Head * config.HeadSize;
        return [.. Rows(weights.Embedding, 0, config.VocabularySize).Select(Written)];

        double[] Written(float[] embedding)
        {
            double[] read = [.. values.Select(row => RowMath.Dot(row, Wide(embedding)))];
            double[] stream = [.. outputs.Select(row => RowMath.Dot(row.AsSpan(column, read.Length), read))];
            return [.. unembedding.Select(row => RowMath.Dot(row, stream))];
        }
    }

    /// <summary>Returns the mean over tokens of what a head writes to the logit of the token that it reads.</summary>
    public double Copy(HeadIndex head, IReadOnlyCollection<int>? tokens = null)
    {
        var circuit = Circuit(head);
        return (tokens ?? [.. Enumerable.Range(0, circuit.Length)]).Average(token => circuit[token][token]);
    }

    /// <summary>Returns the share of the tokens 0 to n − 1 for whose successor, cyclically, a head writes more than for
    /// every other of them.</summary>
    public double Increments(HeadIndex head, int ordinals)
    {
        var circuit = Circuit(head);
        return Enumerable.Range(0, ordinals).Average(token =>
        {
            var next = (token + 1) % ordinals;
            return Enumerable.Range(0, ordinals).All(other =>
                other == next || circuit[token][next] > circuit[token][other])
                ? 1.0
                : 0.0;
        });
    }

    /// <summary>Frees the model.</summary>
    public void Dispose() => model.Dispose();

    RecordedActivation Record(IReadOnlyList<int> ids, Capture capture, ImmutableArray<Intervention> changes)
    {
        var run = new Recorder(Network).Record([.. ids], [capture], new() { Interventions = changes });
        return run[run.Sites.Single()];
    }

    float[][] Rows(Tensor weight, int first, int count) =>
        [.. Network.Rows(weight, [.. Enumerable.Range(first, count)]).Chunk(weight.Shape[1])];

    static double[] Wide(ReadOnlySpan<float> row)
    {
        var wide = new double[row.Length];
        for (var i = 0; i < wide.Length; i++)
            wide[i] = row[i];
        return wide;
    }
}
