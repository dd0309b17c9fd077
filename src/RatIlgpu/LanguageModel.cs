using RatIlgpu.Files;
using RatIlgpu.Models;
using RatIlgpu.Tensors;
using RatIlgpu.Text;
using RatIlgpu.Weights;

namespace RatIlgpu;

/// <summary>A model and its tokenizer, loaded from a checkpoint folder.</summary>
public sealed class LanguageModel : IDisposable
{
    readonly Checkpoint checkpoint;
    readonly Lazy<ImmutableArray<int>> idsWithoutToken;
    readonly Lazy<Tensor?> tokenMask;

    LanguageModel(string name, Checkpoint checkpoint, Qwen2Model model, Tokenizer tokenizer)
    {
        (Name, this.checkpoint, Network, Tokenizer) = (name, checkpoint, model, tokenizer);
        idsWithoutToken = new(() =>
            [.. Enumerable.Range(0, Config.VocabularySize).Where(id => !Tokenizer.Has(id))]);
        tokenMask = new(MakeTokenMask);
    }

    /// <summary>Gets the name of the folder or of the Hugging Face model.</summary>
    public string Name { get; }

    /// <summary>Gets the model.</summary>
    public Qwen2Model Network { get; }

    /// <summary>Gets the architecture.</summary>
    public Qwen2Config Config => Network.Config;

    /// <summary>Gets the tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Gets what <c>generation_config.json</c> says of generation; null where the folder has no such
    /// file.</summary>
    public GenerationDefaults? GenerationDefaults { get; private init; }

    /// <summary>Gets the tokens that end a text: those of <c>generation_config.json</c>, or, where that names none,
    /// those of <c>config.json</c>. A list that is written out and empty means none.</summary>
    /// <remarks>As in Hugging Face's <c>generate</c>, the end token of the tokenizer does not count.</remarks>
    public ValueArray<int> EndTokenIds => GenerationDefaults?.EndTokenIds ?? Config.EosTokenIds;

    /// <summary>Gets notices about the checkpoint for the user, such as that a part of it is not used; usually
    /// none.</summary>
    public ImmutableArray<string> Notices { get; private init; } = [];

    /// <summary>Gets the ids that have an embedding but no token: a vocabulary is often rounded up.</summary>
    public ImmutableArray<int> IdsWithoutToken => idsWithoutToken.Value;

    /// <summary>Gets 0 for each id without a token and 1 for every other, <c>[vocabulary]</c>, on the device of the
    /// model; null if every id has a token.</summary>
    internal Tensor? TokenMask => tokenMask.Value;

    /// <summary>Loads a Hugging Face checkpoint; weights are mapped, not read.</summary>
    /// <param name="nameOrFolder">A folder, or the name of a model in the local Hugging Face cache, such as
    /// <c>Qwen/Qwen2-0.5B</c>.</param>
    /// <param name="device">The device that computes; it must outlive the model.</param>
    /// <param name="tokenizer">The tokenizer; null for that of the folder. It may have tokens beyond the model's
    /// vocabulary, which no prompt may use. Where there is none, a token has its id as text, such as <c>#12</c>, and
    /// encoding a text throws <see cref="FileNotFoundException"/>.</param>
    /// <param name="rotaryPrecision">The precision of rotary angles; single is Hugging Face's.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder or cached model.</exception>
    /// <exception cref="InvalidDataException">A file of the folder is damaged, or the folder holds another
    /// architecture, quantized weights, an adapter, or weights in another format.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static LanguageModel Load(
        string nameOrFolder,
        Device device,
        Tokenizer? tokenizer = null,
        RotaryPrecision rotaryPrecision = RotaryPrecision.Double)
    {
        var folder = ModelFolder.Find(nameOrFolder);
        ModelContents.Check(folder);
        var config = Qwen2Config.Read(folder) with { RotaryPrecision = rotaryPrecision };
        tokenizer ??= TokenizerFolder.LoadOrNumber(folder, config.VocabularySize);
        var generation = GenerationDefaults.Read(folder);
        ImmutableArray<string> notices = [.. Qwen2Config.Notices(folder), .. ModelContents.Notices(folder)];
        if (tokenizer is NumberedTokens)
            notices = notices.Add(
                $"{folder}: there is no tokenizer, so prompts are token ids, and tokens are shown by their ids.");
        var checkpoint = Checkpoint.Open(folder);
        try
        {
            var model = new Qwen2Model(config, checkpoint, device);
            return new LanguageModel(NameOf(nameOrFolder, folder), checkpoint, model, tokenizer)
            {
                GenerationDefaults = generation,
                Notices = notices.AddRange(model.Weights.Notices),
            };
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Returns the tokens of a prompt, with those that the tokenizer puts around every prompt.</summary>
    /// <param name="text">The prompt.</param>
    /// <exception cref="ArgumentException">The model has no embedding of a token: a tokenizer may have tokens that were
    /// added without training.</exception>
    public ImmutableArray<int> EncodePrompt(string text)
    {
        var ids = Tokenizer.EncodePrompt(text).Ids;
        foreach (var id in ids)
            if (id >= Config.VocabularySize)
                throw new ArgumentException(
                    $"The prompt has the token {id}, {OneLine.Quote(Tokenizer.Token(id).Text)}, but config.json has "
                    + $"vocab_size {Config.VocabularySize}: the model has no embedding of that token.", nameof(text));
        return ids;
    }

    /// <summary>Frees the weights.</summary>
    public void Dispose()
    {
        if (tokenMask.IsValueCreated)
            tokenMask.Value?.Dispose();
        Network.Dispose();
        checkpoint.Dispose();
    }

    Tensor? MakeTokenMask()
    {
        if (IdsWithoutToken.IsEmpty)
            return null;
        var numbers = new float[Config.VocabularySize];
        numbers.AsSpan().Fill(1);
        foreach (var id in IdsWithoutToken)
            numbers[id] = 0;
        var mask = Network.Device.Allocate(numbers.Length);
        Network.Device.Upload(numbers, mask);
        return mask;
    }

    static string NameOf(string nameOrFolder, string folder) => Directory.Exists(nameOrFolder)
        ? HubCache.NameOf(folder) ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(nameOrFolder)))
        : nameOrFolder;
}
