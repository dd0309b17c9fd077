using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Analysis.Tests.Components;

/// <summary>The constructed induction model, whose second layer is decomposed token by token: component t of the
/// queries and of the keys writes the code of token t.</summary>
sealed class InductionBench : IDisposable
{
    /// <summary>The tokens of a half of the prompt, N.</summary>
    public const int Half = ConstructedShape.Vocabulary;

    const int Layer = 1;

    readonly CpuDevice device = new();
    readonly TemporaryFolder folder = new();
    readonly ConstructedRun run;

    public InductionBench()
    {
        var constructed = CircuitModels.Induction();
        run = ConstructedRun.Load(constructed, folder.Root, device);
        File = folder.Path("components.safetensors");
        SafetensorsWriter.Write(File, Tensors(constructed));
        Decomposition = Decomposition.Load(Model, Layer, File);
    }

    /// <summary>Gets the prompt: every token once, and then again.</summary>
    public static ImmutableArray<int> Ids { get; } = MatchingCases.Twice;

    public string File { get; }

    public Qwen2Model Model => run.Network;

    public Decomposition Decomposition { get; }

    /// <summary>Gets the prompt as a sequence.</summary>
    public static RepeatedSequence Sequence { get; } = new(Ids, 0, Half, 2);

    public Recording Record(params ImmutableArray<Capture> captures) => new Recorder(Model).Record(
        Ids.AsSpan(), captures.IsEmpty ? [new(Activation.AttentionInput)] : captures);

    public double[][] Pattern(int head, params ImmutableArray<Intervention> changes) =>
        run.Pattern(Ids, new(Layer, head), changes);

    public void Dispose()
    {
        run.Dispose();
        folder.Dispose();
        device.Dispose();
    }

    static IEnumerable<SafetensorsTensor> Tensors(ConstructedModel model)
    {
        var (config, shape) = (model.Config, model.Shape);
        var queries = Vectors(config.HeadCount * shape.HeadSize, (head, token, i) =>
            model.Query(Layer, head, i, ConstructedShape.Token(token)));
        var keys = Vectors(config.KeyValueHeadCount * shape.HeadSize, (head, token, i) =>
            model.Key(Layer, head, i, ConstructedShape.Previous(token)));
        yield return Of("q_proj.U", queries, queries.Length / Half);
        yield return Of("q_proj.V", Units(ConstructedShape.Token), config.HiddenSize);
        yield return Of("k_proj.U", keys, keys.Length / Half);
        yield return Of("k_proj.V", Units(ConstructedShape.Previous), config.HiddenSize);

        // [outputs, components]
        double[] Vectors(int outputs, Func<int, int, int, double> number) =>
        [
            .. from output in Enumerable.Range(0, outputs)
               from token in Enumerable.Range(0, Half)
               select number(output / shape.HeadSize, token, output % shape.HeadSize),
        ];

        double[] Units(Func<int, int> place) =>
        [
            .. from input in Enumerable.Range(0, config.HiddenSize)
               from token in Enumerable.Range(0, Half)
               select place(token) == input ? 1.0 : 0,
        ];

        static SafetensorsTensor Of(string name, double[] numbers, int rows) => SafetensorsTensor.Of(
            $"model.layers.{Layer}.self_attn.{name}", DataType.F64, new(rows, Half), numbers);
    }
}
