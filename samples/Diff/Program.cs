// What does a change of the weights do? The second checkpoint is the demonstration model of which one head writes
// nothing: the heads that read what it wrote look elsewhere, and other tokens are predicted.
//   dotnet run -c Release --project samples/Diff

using System.Globalization;
using RatIlgpu;
using RatIlgpu.Analysis;
using RatIlgpu.Html;
using RatIlgpu.Weights;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
using var device = new CpuDevice();
using var model = LanguageModel.Load(DemoModel.Folder, device);
var folder = Directory.CreateTempSubdirectory().FullName;
Write(folder, "model.layers.1.self_attn.o_proj.weight", head: 0);

using (var changed = LanguageModel.Load(folder, device))
{
    var ids = model.EncodePrompt(" Kate store ring Anna park ball Kate store ring Anna park ball Kate store");
    var diff = new CheckpointDiffer(model, changed).Read(new() { Prompts = [new(ids)] });

    foreach (var weight in diff.Weights.Where(weight => weight.Whole.Norm > 0))
        Console.WriteLine($"{weight.Name}: {weight.Whole.Relative:P1}, rank {weight.Whole.Rank}");
    foreach (var head in diff.Texts!.Heads.OrderByDescending(head => head.Mean.JensenShannon).Take(4))
        Console.WriteLine($"{head.Head} attends elsewhere: {head.Mean.TotalVariation:P0} of its attention");
    var text = diff.Texts.Texts[0];
    foreach (var one in diff.Texts.Predictions.Take(3))
        Console.WriteLine(
            $"after \"{text.Tokens[one.Position].Text}\" at {one.Position}: \"{one.A.Token.Text}\" "
            + $"{one.A.ChanceA:P1} becomes \"{one.B.Token.Text}\" {one.B.ChanceB:P1}");
    DiffPage.Render(diff).Save("diff.html");
}

Directory.Delete(folder, recursive: true);
Console.WriteLine("Wrote diff.html");

// The columns of an output matrix that belong to a head become 0; all else is copied.
void Write(string to, string output, int head)
{
    foreach (var file in Directory.GetFiles(DemoModel.Folder, "*.json"))
        File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    using var checkpoint = Checkpoint.Open(DemoModel.Folder);
    SafetensorsWriter.Write(Path.Combine(to, "model.safetensors"), checkpoint.Names.Select(name =>
    {
        var (tensor, size) = (checkpoint.Tensor(name), model.Config.HeadSize);
        return new SafetensorsTensor(name, tensor.DataType, tensor.Shape, (start, piece) =>
        {
            for (var i = 0; i < piece.Length; i++)
            {
                // BF16 is the upper half of F32.
                var bits = tensor.AsSpan<ushort>(start + i, 1)[0] << 16;
                var isOfHead = name == output && (start + i) % tensor.Shape[1] / size == head;
                piece[i] = isOfHead ? 0 : BitConverter.Int32BitsToSingle(bits);
            }
        });
    }));
}
