using RatIlgpu;
using RatIlgpu.Models;
using RatIlgpu.Peers;
using RatIlgpu.Tensors;
using RatIlgpu.Weights;

// LlamaPeer CHECKPOINT FILE.gguf --type F16|F32|BF16 --work last|all|decode --tokens N --threads N --repeats N
//     times runs, prints JSON; the file is made of the checkpoint where it is not there
// LlamaPeer --check CHECKPOINT FILE.gguf --type F16|F32|BF16 --tokens N
//     holds its logits to ours
const int NewTokens = 32;
try
{
    var call = PeerCall.Read(args, "--type", "--work");
    if (call.Paths.Count != 2)
        throw new FormatException($"{call.Paths.Count} paths given, expected a checkpoint and a GGUF file.");
    var (folder, path) = (call.Paths[0], call.Paths[1]);
    if (!File.Exists(path))
        GgufWriter.Write(folder, Enum.Parse<DataType>(call.Word("--type", "F16", "F32", "BF16")), path);
    using var model = new LlamaModel(path, call.Tokens + NewTokens, call.Threads);
    var ids = Timing.Prompt(call.Tokens, Qwen2Config.Read(folder).VocabularySize);
    if (call.IsCheck)
        return Check(folder, model, ids, call) ? 0 : 1;
    Time(model, ids, call);
    return 0;
}
catch (Exception fault) when (fault is FormatException or InvalidDataException or IOException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}

static void Time(LlamaModel model, int[] ids, PeerCall call)
{
    var work = call.Word("--work", "last", "all", "decode");
    model.Run(ids, 0, all: false);
    Action run = work == "decode" ? Decode : () => model.Run(ids, 0, all: work == "all");
    Timing.Print(run, call, work == "decode" ? NewTokens : null, LlamaModel.Description);

    // Tokens after the prompt that is in memory, the first of them always the same.
    void Decode() => model.Write(ids[0], ids.Length, NewTokens);
}

// All at once; and token by token behind all but eight of them.
static bool Check(string folder, LlamaModel model, int[] ids, PeerCall call)
{
    using var device = new CpuDevice(call.Threads);
    using var checkpoint = Checkpoint.Open(folder);
    using var ours = new Qwen2Model(Qwen2Config.Read(folder), checkpoint, device);
    using var logits = ours.Forward(ids);
    double[] expected = [.. device.Download(logits).Select(number => (double)number)];

    model.Run(ids, 0, all: true);
    var found = Enumerable.Range(0, ids.Length).SelectMany(index => model.LogitsOf(index).ToArray()).ToArray();
    var near = Say("all logits", Timing.Difference(found, expected), call);

    var (first, width) = (int.Max(1, ids.Length - 8), expected.Length / ids.Length);
    model.Run(ids.AsSpan(0, first), 0, all: false);
    var steps = new List<float>();
    for (var place = first; place < ids.Length; place++)
    {
        model.Run([ids[place]], place, all: false);
        steps.AddRange(model.LogitsOf(0));
    }

    return Say("token by token", Timing.Difference([.. steps], expected.AsSpan(first * width)), call) && near;
}

// Activations are rounded to the type of the matrices, keys and values to F16.
static bool Say(string what, double error, PeerCall call)
{
    var type = call.Word("--type", "F16", "F32", "BF16");
    var most = type == "BF16" ? 2e-2 : 5e-3;
    var verdict = error <= most ? "good" : $"WRONG, expected at most {most:E0}";
    Console.WriteLine($"{type} {what}: off by {error:E1}: {verdict}");
    return error <= most;
}
