using RatIlgpu.Devices;
using RatIlgpu.Testing;

namespace RatIlgpu.Tests.Weights;

/// <summary>A folder without weights of a model is refused by what it holds, with the cure.</summary>
public sealed class ModelContentsTests : IDisposable
{
    const string Pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 988097824\n";

    readonly PlainDevice device = new();
    readonly ModelVariant variant = new();

    public ModelContentsTests() => File.Delete(variant.Path("model.safetensors"));

    public void Dispose()
    {
        variant.Dispose();
        device.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_adapter_names_its_model_and_how_to_merge(bool hasConfig)
    {
        if (!hasConfig)
            File.Delete(variant.Path("config.json"));
        variant.Write("""{"base_model_name_or_path": "Qwen/Qwen2.5-0.5B"}""", "adapter_config.json");
        variant.Write("x", "adapter_model.safetensors");

        Refuses("holds an adapter (LoRA) of 'Qwen/Qwen2.5-0.5B', not a model; merge it into its model, as "
            + "merge_and_unload of PEFT does, and save the model that comes out.");
    }

    [Fact]
    public void An_adapter_whose_config_is_damaged_is_one_still()
    {
        variant.Write("{", "adapter_config.json");

        Refuses("holds an adapter (LoRA), not a model; merge it into its model, as merge_and_unload of PEFT does, and "
            + "save the model that comes out.");
    }

    [Theory]
    [InlineData("qwen2-0_5b-q4_0.gguf", "holds GGUF ('qwen2-0_5b-q4_0.gguf'), expected safetensors; take the "
        + "checkpoint that it was made from.")]
    [InlineData("pytorch_model.bin", "has weights in PyTorch's own format ('pytorch_model.bin'), expected safetensors; "
        + "save them anew: AutoModelForCausalLM.from_pretrained(folder).save_pretrained(other).")]
    [InlineData("pytorch_model-00001-of-00002.bin", "has weights in PyTorch's own format "
        + "('pytorch_model-00001-of-00002.bin'), expected safetensors; save them anew: "
        + "AutoModelForCausalLM.from_pretrained(folder).save_pretrained(other).")]
    [InlineData("zero_to_fp32.py", "holds the state of a training run in pieces ('zero_to_fp32.py'), expected "
        + "model.safetensors; gather them into a model, as zero_to_fp32.py of DeepSpeed or the merge of Accelerate "
        + "does.")]
    [InlineData("consolidated.safetensors", "has 'consolidated.safetensors', expected model.safetensors; if it holds "
        + "the whole model, rename it.")]
    [InlineData("model.fp16.safetensors", "has 'model.fp16.safetensors', expected model.safetensors; if it holds the "
        + "whole model, rename it.")]
    [InlineData("model-00002-of-00003.safetensors", "there are 1 of 3 files, the first "
        + "'model-00002-of-00003.safetensors'; get them again")]
    [InlineData("tf_model.h5", "has weights in another format ('tf_model.h5'), expected safetensors.")]
    public void Weights_of_another_kind_are_named(string file, string fault)
    {
        variant.Write("x", "training_args.bin");
        variant.Write("x", file);

        Refuses(fault);
    }

    [Fact]
    public void Quantized_weights_under_a_name_of_their_own_are_named()
    {
        variant.Write("{\"quantization_config\": {\"quant_method\": \"gptq\"}}", "config.json");
        variant.Write("x", "gptq_model-4bit-128g.safetensors");

        Refuses("the weights are quantized ('gptq_model-4bit-128g.safetensors', config.json has quantization_config "
            + "'gptq'), expected model.safetensors; take the unquantized weights.");
    }

    [Fact]
    public void An_adapter_of_another_kind_is_named()
    {
        variant.Write("{\"peft_type\": \"IA3\"}", "adapter_config.json");

        Refuses("holds an adapter (IA3), not a model; merge it into its model, as merge_and_unload of PEFT does, and "
            + "save the model that comes out.");
    }

    [Fact]
    public void A_download_that_stopped_before_the_config_is_named()
    {
        File.Delete(variant.Path("config.json"));
        variant.Write("x", "model.safetensors");
        variant.Write("x", ".cache", "huggingface", "download", "abc.incomplete");

        Refuses("has no config.json; the download stopped early (abc.incomplete); get the rest");
    }

    [Fact]
    public void The_folder_of_a_training_run_names_its_newest_checkpoint()
    {
        foreach (var step in (int[])[1000, 500, 1500])
            variant.Write("{}", $"checkpoint-{step}", "trainer_state.json");
        variant.Write("x", "checkpoint-9999");

        Refuses("is the folder of a training run, expected a model; its newest checkpoint is "
            + variant.Path("checkpoint-1500"));
    }

    [Theory]
    [InlineData("Qwen2-0.5B")]
    [InlineData("my-model")]
    public void A_folder_around_a_model_names_it(string name)
    {
        variant.Write("x", name, "model.safetensors");

        Refuses($"has no weights; those of a model are in {variant.Path(name)}");
    }

    [Fact]
    public void A_folder_with_all_but_weights_lacks_those()
    {
        var thrown = Assert.Throws<FileNotFoundException>(() => variant.Load(device));
        Assert.Equal(
            $"{variant.Root}: there is neither model.safetensors nor model.safetensors.index.json; save the weights as "
            + "safetensors.",
            thrown.Message);
    }

    [Theory]
    [InlineData(true, "has no config.json; copy that of the model that the weights are of.")]
    [InlineData(
        false, "has no config.json, expected the folder of a model: config.json, a tokenizer and weights.")]
    public void A_folder_without_a_config_lacks_that(bool hasWeights, string fault)
    {
        File.Delete(variant.Path("config.json"));
        if (hasWeights)
            variant.Write("x", "model.safetensors");

        var thrown = Assert.Throws<FileNotFoundException>(() => variant.Load(device));
        Assert.Equal($"{variant.Root}: {fault}", thrown.Message);
    }

    [Fact]
    public void A_web_page_in_the_place_of_a_config_is_named()
    {
        variant.Write("<!DOCTYPE html>", "config.json");
        variant.Write("x", "model.safetensors");

        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal(
            $"{variant.Path("config.json")}: is a web page, as a download that failed leaves it; download the file "
            + "again.",
            thrown.Message);
    }

    [Fact]
    public void A_download_that_stopped_is_named()
    {
        variant.Write("x", ".cache", "huggingface", "download", "abc.incomplete");

        Refuses("there is neither model.safetensors nor model.safetensors.index.json; the download stopped early "
            + "(abc.incomplete); get the rest");
    }

    [Fact]
    public void A_link_whose_file_was_deleted_is_named()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows lets few make links.");
        File.CreateSymbolicLink(variant.Path("model.safetensors"), variant.Path("nowhere"));

        Refuses("'model.safetensors' leads to no file; get them again");
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("model.safetensors.index.json")]
    [InlineData("config.json")]
    [InlineData("vocab.json")]
    [InlineData("tokenizer.json")]
    [InlineData("merges.txt")]
    public void A_pointer_of_Git_LFS_is_named_wherever_it_lies(string file)
    {
        using var usual = new ModelVariant();
        if (file == "model.safetensors.index.json")
            File.Delete(usual.Path("model.safetensors"));
        usual.Write(Pointer, file);

        var thrown = Assert.Throws<InvalidDataException>(() => usual.Load(device));
        Assert.Equal(
            $"{usual.Path(file)}: is a Git LFS pointer, not the file itself; get the file with: git lfs pull",
            thrown.Message);
    }

    [Theory]
    [InlineData(
        "<!DOCTYPE html>\n<html>", "is a web page, as a download that failed leaves it; download the file again.")]
    [InlineData("\n <html lang=en>", "is a web page, as a download that failed leaves it; download the file again.")]
    [InlineData("PK\u0003\u0004aaaa", "is a zip archive, as PyTorch saves weights; save them as safetensors.")]
    [InlineData("GGUF\u0003aaaa", "is a GGUF file, expected safetensors; take the checkpoint that it was made from.")]
    public void A_file_of_another_kind_is_named(string start, string fault)
    {
        variant.Write(start, "model.safetensors");

        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal($"{variant.Path("model.safetensors")}: {fault}", thrown.Message);
    }

    [Fact]
    public void An_adapter_beside_weights_is_not_applied_and_the_user_is_told()
    {
        using var usual = new ModelVariant();
        usual.Write("""{"base_model_name_or_path": "x/y"}""", "adapter_config.json");
        usual.Write("x", "adapter_model.safetensors");
        using var model = usual.Load(device);

        Assert.Equal(["The adapter of 'x/y' that lies beside the weights is not applied."], model.Notices);
    }

    [Fact]
    public void Shards_without_an_index_are_taken_and_the_user_is_told()
    {
        using var usual = new ModelVariant();
        File.Move(usual.Path("model.safetensors"), usual.Path("model-00001-of-00001.safetensors"));
        using var model = usual.Load(device);

        Assert.Equal(
            ["There is no model.safetensors.index.json: the tensors of all files model-… are taken."], model.Notices);
    }

    void Refuses(string fault)
    {
        var thrown = Assert.Throws<InvalidDataException>(() => variant.Load(device));
        Assert.Equal($"{variant.Root}: {fault}", thrown.Message);
    }
}
