using System.Text.Json.Nodes;
using RatIlgpu.Testing;
using RatIlgpu.Text;

namespace RatIlgpu.Tests.Text;

/// <summary>The tokens that Hugging Face's tests of Qwen2's tokenizer expect.</summary>
/// <remarks>tests/models/qwen2/test_tokenization_qwen2.py of the repository huggingface/transformers.</remarks>
public sealed class PublishedTokensTests
{
    static readonly string[] Tokens =
    [
        "Ġl", "Ġn", "Ġlo", "Ġlow", "er", "Ġlowest", "Ġnewer", "Ġwider", "01", ";}", ";}Ċ", "Ïĵ", "Ġ#", "##",
    ];

    [Theory]
    [InlineData("lower lower newer 010;}\n<|endoftext|>\u03D2\u0301",
        new[] { 75, 78, 86, 260, 259, 260, 220, 77, 68, 86, 260, 220, 15, 16, 15, 266, 270, 267 })]
    [InlineData(" ###", new[] { 268, 269 })]
    [InlineData(" lower<|endoftext|><|im_start|>;", new[] { 259, 260, 270, 271, 26 })]
    public void A_small_vocabulary(string text, int[] expected)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => ByteAlphabet.Spell((byte)value)).Order();
        var vocabulary = new JsonObject(bytes.Select(spelled => spelled.ToString()).Concat(Tokens)
            .Select((token, id) => KeyValuePair.Create<string, JsonNode?>(token, id)));
        using var folder = new TinyTokenizer().With("vocab.json", vocabulary).With("merges.txt",
            "#version: 0.2\nĠ l\nĠl o\nĠlo w\ne r\n0 1\n; }\n;} Ċ\nÏ ĵ\nĠ #\n# #");

        Assert.Equal(expected, folder.Load().Encode(text).Ids);
    }

    [Theory]
    [InlineData("Transformers (formerly known as pytorch-transformers and pytorch-pretrained-bert) provides "
        + "general-purpose architectures (BERT, GPT-2, RoBERTa, XLM, DistilBert, XLNet...) for Natural "
        + "Language Understanding (NLU) and Natural Language Generation (NLG) with over 32+ pretrained "
        + "models in 100+ languages and deep interoperability between Jax, PyTorch and TensorFlow.",
        "8963 388 320 69514 3881 438 4510 27414 32852 388 323 4510 27414 21334 35722 1455 529 8 5707 4586 58238 77235 "
        + "320 61437 11 479 2828 12 17 11 11830 61437 64 11 1599 10994 11 27604 321 33 529 11 29881 6954 32574 369 "
        + "18448 11434 45451 320 45 23236 8 323 18448 11434 23470 320 30042 38 8 448 916 220 18 17 10 80669 4119 304 "
        + "220 16 15 15 10 15459 323 5538 94130 2897 1948 619 706 11 5355 51 21584 323 94986 13")]
    [InlineData("🤗 Transformers 提供了可以轻松地下载并且训练先进的预训练模型的 API 和工具。使用预训练模型可以减少计算消耗和碳排放，"
        + "并且节省从头训练所需要的时间和资源。",
        "144834 80532 93685 83744 34187 73670 104261 29490 62189 103937 104034 102830 98841 104034 104949 9370 5333 "
        + "58143 102011 1773 37029 98841 104034 104949 73670 101940 100768 104997 33108 100912 105054 90395 100136 "
        + "106831 45181 64355 104034 113521 101975 33108 85329 1773")]
    [InlineData("```python\ntokenizer = AutoTokenizer.from_pretrained(\"Qwen/Qwen-tokenizer\")\n"
        + "tokenizer(\"世界，你好！\")```",
        "73594 12669 198 85593 284 8979 37434 6387 10442 35722 445 48 16948 45274 16948 34841 3135 1138 85593 445 "
        + "99489 3837 108386 6313 899 73594")]
    public void The_vocabulary_of_Qwen2(string text, string expected)
    {
        var folder = Environment.GetEnvironmentVariable("RATILGPU_QWEN2_TOKENIZER");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "RATILGPU_QWEN2_TOKENIZER names no folder with a vocabulary.");

        Assert.Equal(expected, string.Join(' ', Tokenizer.Load(folder!).Encode(text).Ids));
    }
}
