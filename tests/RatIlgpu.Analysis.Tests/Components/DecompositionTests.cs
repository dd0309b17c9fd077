using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Testing;
using RatIlgpu.Weights;

namespace RatIlgpu.Analysis.Tests.Components;

public sealed class DecompositionTests : IDisposable
{
    const string OtherShape = ", expected [40, 40]: 40 components of 40 inputs; it is a decomposition of another "
        + "model, or its metadata does not say its layout.";

    const string NotFinite = ", expected finite numbers; export it again, in F32 if a smaller format had no room for "
        + "it.";

    readonly CpuDevice device = new();
    readonly TemporaryFolder folder = new();
    readonly TinyQwen2 tiny = new();
    readonly Qwen2Model model;

    public DecompositionTests() => model = tiny.On(device);

    // Values and outputs are decomposed head by head.
    [Fact]
    public void Stops_between_two_heads_of_a_matrix()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var weight = ProjectionWeight.Of(model, 2, AttentionProjection.Output);
        Assert.Throws<OperationCanceledException>(() => SingularVectors.Of(weight, byHead: true, stop.Token));
        Assert.Throws<OperationCanceledException>(() =>
            Decomposition.QueryKeySvd(model, new(2, 0), cancellation: stop.Token));
    }

    [Theory]
    [InlineData(DecompositionKind.MatrixSvd)]
    [InlineData(DecompositionKind.HeadSvd)]
    public void All_singular_vectors_add_up_to_the_matrix(DecompositionKind kind)
    {
        var components = Decomposition.Svd(model, ^1, kind);
        Assert.Equal(2, components.Layer);
        foreach (var projection in Enum.GetValues<AttentionProjection>())
        {
            var (matrix, weight) = (components[projection], ProjectionWeight.Of(model, 2, projection));
            for (var output = 0; output < weight.Outputs; output++)
                for (var input = 0; input < weight.Inputs; input++)
                    Assert.Equal(
                        weight.Row(output)[input],
                        Enumerable.Range(0, matrix.Count).Sum(one =>
                            matrix.Output(one)[output] * matrix.Input(one)[input]),
                        1e-12);
            var squares = Enumerable.Range(0, weight.Outputs).Sum(output =>
                Enumerable.Range(0, weight.Inputs).Sum(input =>
                    Math.Pow(weight.Row(output)[input] * weight.Gain[input], 2)));
            Assert.Equal(squares, matrix.Energies.Sum(), 1e-9);
            Assert.Equal(matrix.Energies.OrderDescending(), matrix.Energies);
        }
    }

    [Fact]
    public void Singular_vectors_have_one_sign_and_the_same_bits_every_time()
    {
        var (one, other) = (Decomposition.Svd(model, 0), Decomposition.Svd(model, 0));
        foreach (var projection in Enum.GetValues<AttentionProjection>())
            for (var component = 0; component < one[projection].Count; component++)
            {
                Assert.Equal(
                    one[projection].Output(component).ToArray(), other[projection].Output(component).ToArray());
                Assert.Equal(
                    one[projection].Input(component).ToArray(), other[projection].Input(component).ToArray());
                Assert.True(one[projection].Output(component).ToArray().MaxBy(Math.Abs) > 0);
            }
    }

    [Fact]
    public void Singular_vectors_of_heads_belong_to_one_head_each()
    {
        var components = Decomposition.Svd(model, 0, DecompositionKind.HeadSvd);
        foreach (var projection in Enum.GetValues<AttentionProjection>())
        {
            var matrix = components[projection];
            Assert.Equal(
                projection is AttentionProjection.Query or AttentionProjection.Output ? 6 : 2, matrix.HeadCount);
            for (var component = 0; component < matrix.Count; component++)
                Assert.Single(Enumerable.Range(0, matrix.HeadCount), head =>
                    matrix.OfHead(component, head).ContainsAnyExcept(0.0));
        }
    }

    [Fact]
    public void A_file_is_read_whatever_its_layout_and_format()
    {
        var svd = Decomposition.Svd(model, 1);
        foreach (var isTurned in new[] { false, true })
        {
            var path = Write(svd, isTurned);
            var read = Decomposition.Load(model, 1, path);
            Assert.Equal(DecompositionKind.File, read.Kind);
            foreach (var projection in Enum.GetValues<AttentionProjection>())
                for (var component = 0; component < svd[projection].Count; component++)
                {
                    Assert.True(svd[projection].Output(component).SequenceEqual(read[projection].Output(component)));
                    Assert.True(svd[projection].Input(component).SequenceEqual(read[projection].Input(component)));
                }
        }
    }

    [Fact]
    public void The_strongest_components_have_most_of_the_energy_or_importance()
    {
        var matrix = Decomposition.Svd(model, 1)[AttentionProjection.Query];
        var alive = matrix.Alive();
        Assert.Equal(Enumerable.Range(0, alive.Length), alive);
        Assert.InRange(alive.Length, 2, matrix.Count - 1);
        Assert.True(alive.Sum(one => matrix.Energies[one]) >= 0.95 * matrix.Energies.Sum());
        Assert.True(alive[..^1].Sum(one => matrix.Energies[one]) < 0.95 * matrix.Energies.Sum());
        Assert.Equal([0, 1, 2], matrix.Alive(3));
        var path = Write(Decomposition.Svd(model, 1), change: tensors => tensors.Append(SafetensorsTensor.Of(
            Name("q_proj.mean_ci"), DataType.F32, new(40),
            (float[])[0.009f, 0.5f, .. Enumerable.Repeat(0f, 37), 0.7f])));
        Assert.Equal([39, 1], Decomposition.Load(model, 1, path)[AttentionProjection.Query].Alive());
    }

    [Fact]
    public void What_a_file_knows_of_its_components_is_read_and_its_signs_come_before_ours()
    {
        var svd = Decomposition.Svd(model, 1);
        int[] signs = [.. Enumerable.Range(0, 40).Select(component => component % 2 == 0 ? -1 : 1)];
        string[] labels = [.. Enumerable.Range(0, 40).Select(component => $"\u00fc {component}")];
        var path = Write(
            svd, change: tensors => tensors.Concat(
            [
                SafetensorsTensor.Of(
                    Name("q_proj.firing_density"), DataType.F64, new(40),
                    (double[])[.. Enumerable.Range(0, 40).Select(component => component / 40.0)]),
                SafetensorsTensor.Of(
                    Name("q_proj.sign"), DataType.F32, new(40),
                    (float[])[.. signs.Select(sign => (float)sign)]),
            ]), metadata: new() { [Name("q_proj.labels")] = System.Text.Json.JsonSerializer.Serialize(labels) });
        var found = Decomposition.Load(model, 1, path);
        var query = found[AttentionProjection.Query];
        Assert.Equal((0.975, -1, "\u00fc 38"), (query.FiringDensities!.Value[39], query.Signs!.Value[38],
            query.Labels!.Value[38]));
        Assert.Null(found[AttentionProjection.Key].Labels);
        Assert.Null(found[AttentionProjection.Key].Signs);
        var matrix = MatrixReport.Of(model, found, AttentionProjection.Query, most: 3);
        Assert.Equal("2 \u00fc 2", matrix.NameOf(2));
        Assert.Equal([0, 1 / 40.0, 2 / 40.0], matrix.FiringDensities!.Value);

        int[] ids = tiny.Prompt(9);
        var run = new Recorder(model).Record(ids, ComponentScores.Captures(1));
        var (signed, plain) = (Of(found), Of(Decomposition.Load(model, 1, Write(svd))));
        for (var component = 0; component < 3; component++)
        {
            // Our sign of queries is undone by the one of the file; keys keep theirs.
            var ours = plain.Activity.Matrices[0].MeanActivation[component] < 0 ? -1 : 1;
            Assert.Equal(
                plain.Offsets[0, 0, component, 0]!.Value * ours * signs[component],
                signed.Offsets[0, 0, component, 0]!.Value, 1e-12);
        }

        ComponentReport Of(Decomposition components) => ComponentReport.Of(
            model, components, run, ^1, [[.. ids]], [], [], new() { Most = 3, Pairs = 3 });
    }

    [Theory]
    [InlineData(
        "layer", "has no 'model.layers.0.self_attn.q_proj.U': expected the components of layer 0. It has layer 1.")]
    [InlineData(
        "missing V", "has 'model.layers.1.self_attn.k_proj.U', but no 'model.layers.1.self_attn.k_proj.V': a component "
        + "needs both.")]
    [InlineData(
        "missing U", "has 'model.layers.1.self_attn.v_proj.V', but no 'model.layers.1.self_attn.v_proj.U': a component "
        + "needs both.")]
    [InlineData("NaN", "'model.layers.1.self_attn.q_proj.V' has NaN at [0, 7]" + NotFinite)]
    [InlineData("shape", "'model.layers.1.self_attn.q_proj.V' is [48, 40]" + OtherShape)]
    [InlineData("count", "'model.layers.1.self_attn.q_proj.V' is [40, 39]" + OtherShape)]
    [InlineData("layout", "has u_layout 'rows' in its metadata, expected out,C or C,out.")]
    public void A_file_that_does_not_fit_is_refused_in_one_line(string fault, string message)
    {
        var svd = Decomposition.Svd(model, 1);
        var path = fault switch
        {
            "missing V" => Write(svd, change: tensors => tensors.Where(one => one.Name != Name("k_proj.V"))),
            "missing U" => Write(svd, change: tensors => tensors.Where(one => one.Name != Name("v_proj.U"))),
            "NaN" => Write(svd, change: tensors => Replace(tensors, 40, 40, double.NaN)),
            "shape" => Write(svd, change: tensors => Replace(tensors, 48, 40, 1)),
            "count" => Write(svd, change: tensors => Replace(tensors, 40, 39, 1)),
            "layout" => Write(svd, metadata: new() { ["u_layout"] = "rows" }),
            _ => Write(svd),
        };
        var found = Assert.Throws<InvalidDataException>(() =>
            Decomposition.Load(model, fault == "layer" ? 0 : 1, path));
        Assert.Equal($"{path}: {message}", found.Message);
    }

    [Fact]
    public void A_layer_beyond_the_model_and_a_component_beyond_the_matrix_are_refused()
    {
        Assert.StartsWith(
            "layer 3 asked, expected 0 to 2", Assert.Throws<ArgumentOutOfRangeException>(() =>
                Decomposition.Svd(model, 3)).Message, StringComparison.Ordinal);
        var matrix = Decomposition.Svd(model, 0)[AttentionProjection.Key];
        Assert.StartsWith(
            "component 16 of the Key matrix asked, it has components 0 to 15.",
            Assert.Throws<ArgumentOutOfRangeException>(() => matrix.Output(16).ToArray()).Message,
            StringComparison.Ordinal);

        // Keys have no head for each query head.
        Assert.StartsWith(
            "head 2 of the Key matrix asked, it has heads 0 to 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => matrix.OfHead(0, 2).ToArray()).Message,
            StringComparison.Ordinal);
    }

    public void Dispose()
    {
        model.Dispose();
        tiny.Dispose();
        folder.Dispose();
        device.Dispose();
    }

    static string Name(string part) => $"model.layers.1.self_attn.{part}";

    static IEnumerable<SafetensorsTensor> Replace(
        IEnumerable<SafetensorsTensor> tensors, int inputs, int count, double number)
    {
        var numbers = new double[inputs * count];
        numbers[7] = number;
        return tensors.Where(one => one.Name != Name("q_proj.V"))
            .Append(SafetensorsTensor.Of(Name("q_proj.V"), DataType.F64, new(inputs, count), numbers));
    }

    string Write(
        Decomposition components,
        bool isTurned = false,
        Func<IEnumerable<SafetensorsTensor>, IEnumerable<SafetensorsTensor>>? change = null,
        Dictionary<string, string>? metadata = null)
    {
        var path = folder.Path("components.safetensors");
        var tensors = Enum.GetValues<AttentionProjection>().SelectMany(projection => Tensors(components[projection]));
        SafetensorsWriter.Write(
            path, change?.Invoke(tensors) ?? tensors,
            metadata ?? (isTurned ? new() { ["u_layout"] = "C,out", ["v_layout"] = "C,in" } : null));
        return path;

        IEnumerable<SafetensorsTensor> Tensors(MatrixComponents matrix)
        {
            var module = $"{char.ToLowerInvariant(matrix.Projection.ToString()[0])}_proj";
            yield return Tensor($"{module}.U", [.. All(matrix).Select(one => matrix.Output(one).ToArray())]);
            yield return Tensor($"{module}.V", [.. All(matrix).Select(one => matrix.Input(one).ToArray())]);

            SafetensorsTensor Tensor(string name, double[][] rows)
            {
                var (count, length) = (rows.Length, rows[0].Length);
                double[] numbers = isTurned
                    ? [.. rows.SelectMany(row => row)]
                    : [.. Enumerable.Range(0, length).SelectMany(i => rows.Select(row => row[i]))];
                return SafetensorsTensor.Of(
                    Name(name), DataType.F64, isTurned ? new(count, length) : new(length, count), numbers);
            }
        }

        static IEnumerable<int> All(MatrixComponents matrix) => Enumerable.Range(0, matrix.Count);
    }
}
