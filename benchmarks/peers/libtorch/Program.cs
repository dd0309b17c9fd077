using System.Runtime.InteropServices;
using System.Text.Json;
using RatIlgpu.Peers;
using RatIlgpu.Weights;
using TorchSharp;

// LibtorchPeer CHECKPOINT --work eager|last --tokens N --threads N --repeats N    times runs, prints JSON
// LibtorchPeer --check FOLDER ...                                                 holds it to the float64 references
const double Tolerance = 1e-5;
const int NotLoaded = 3;
try
{
    var call = PeerCall.Read(args, "--work");
    NativeLibrary.Load(Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so"));
    torch.set_num_threads(call.Threads);
    using var inference = torch.inference_mode();
    if (call.IsCheck)
        return call.Paths.Select(Check).ToArray().All(near => near) ? 0 : 1;
    Time(call);
    return 0;
}
catch (DllNotFoundException fault)
{
    var reason = fault.Message.Split('\n').FirstOrDefault(line => line.Contains("not found"), fault.Message).Trim();
    Console.Error.WriteLine(
        $"libtorch does not load: {reason}; expected the libstdc++ of GCC 13.2 or later. "
        + "benchmarks/peers/libtorch/prepare.sh puts one beside the program.");
    return NotLoaded;
}
catch (Exception fault) when (fault is FormatException or InvalidDataException or IOException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

static void Time(PeerCall call)
{
    if (call.Paths.Count != 1)
        throw new FormatException($"{call.Paths.Count} folders given, expected one checkpoint.");
    var work = call.Word("--work", "eager", "last");
    using var model = new TorchModel(call.Paths[0]);
    var ids = Timing.Prompt(call.Tokens, model.Config.VocabularySize);
    var description = $"libtorch {torch.__version__}, {torch.get_num_threads()} threads";
    Timing.Print(work == "eager" ? Eager : Last, call, null, description);

    void Eager()
    {
        var (logits, attentions) = model.Eager(ids);
        logits.Dispose();
        attentions.ForEach(attention => attention.Dispose());
    }

    void Last() => model.Last(ids).Dispose();
}

static bool Check(string folder)
{
    using var golden = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "golden.json")));
    using var expected = SafetensorsFile.Open(Path.Combine(folder, "golden.safetensors"));
    using var model = new TorchModel(folder);
    var ids = Numbers("input_ids");
    var near = true;
    foreach (var (name, attended) in ((string, int[]?)[])[("plain", null), ("masked", Numbers("attention_mask"))])
    {
        var (logits, attentions) = model.Eager(ids, attended);
        near &= Say($"{name} logits", Floats(logits), $"{name}.logits", 0);
        for (var layer = 0; layer < attentions.Count; layer++)
            near &= Say($"{name} attention of layer {layer}", Floats(attentions[layer]), $"{name}.pattern.{layer}", 0);
    }

    var last = Floats(model.Last(ids));
    return Say("last logits", last, "plain.logits", (ids.Length - 1) * (long)last.Length) && near;

    int[] Numbers(string key) =>
        [.. golden.RootElement.GetProperty(key).EnumerateArray().Select(number => number.GetInt32())];

    bool Say(string what, float[] found, string name, long start)
    {
        var error = Timing.Difference(found, expected.Tensor(name).AsSpan<double>(start, found.Length));
        var verdict = error <= Tolerance ? "good" : $"WRONG, expected at most {Tolerance:E0}";
        Console.WriteLine($"{Path.GetFileName(folder)} {what}: off by {error:E1}: {verdict}");
        return error <= Tolerance;
    }
}

static float[] Floats(torch.Tensor tensor)
{
    using var numbers = tensor;
    return numbers.data<float>().ToArray();
}
