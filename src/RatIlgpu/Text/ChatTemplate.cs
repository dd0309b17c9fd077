using System.Text.RegularExpressions;
using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Writes chats as the text a model was trained on, in ChatML:
/// <c>&lt;|im_start|&gt;role⏎content&lt;|im_end|&gt;⏎</c> for each message.</summary>
/// <remarks>Checkpoints describe this form by a Jinja program. Loading recognises the program without running it, and
/// throws if it is not plain ChatML. Tools and thinking are not part of the form.</remarks>
public sealed partial class ChatTemplate
{
    const string AsPlainText = "Write the chat as plain text instead.";

    ChatTemplate(string? defaultSystem) => DefaultSystem = defaultSystem;

    /// <summary>Gets the system message that the checkpoint puts before a chat without one; null for none.</summary>
    public string? DefaultSystem { get; }

    /// <summary>Loads the chat template of a checkpoint folder: <c>chat_template.jinja</c>, or <c>chat_template</c> of
    /// <c>tokenizer_config.json</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">The folder has neither file.</exception>
    /// <exception cref="InvalidDataException">There is no template, or it is not ChatML.</exception>
    public static ChatTemplate Load(string folder)
    {
        var file = Path.Combine(folder, "chat_template.jinja");
        if (File.Exists(file))
            return Parse(InputFile.Text(file, TokenizerFolder.LargestFile), file);

        file = Path.Combine(folder, "tokenizer_config.json");
        if (!File.Exists(file))
            throw new FileNotFoundException(
                $"{folder}: has no tokenizer_config.json, expected it, with a chat_template.", file);
        var template = JsonPart.Read(file, TokenizerFolder.LargestFile)["chat_template"];
        if (template.IsMissing)
            throw Refusal.Of(file, $"has no chat_template, so this model has no form for chats. {AsPlainText}");
        return Parse(template.Text(), file);
    }

    /// <summary>Writes a chat.</summary>
    /// <param name="messages">The messages so far.</param>
    /// <param name="promptAnswer">True to end the text where the assistant's answer starts.</param>
    /// <remarks>Contents are not escaped: <see cref="Tokenizer.Encode"/> reads the text of a special token in them as
    /// that token.</remarks>
    public string Format(IReadOnlyList<ChatMessage> messages, bool promptAnswer = true)
    {
        var text = new StringBuilder();
        if (DefaultSystem is not null && messages is [{ Role: not "system" }, ..])
            Write(new ChatMessage("system", DefaultSystem), text);
        foreach (var message in messages)
            Write(message, text);
        if (promptAnswer)
            text.Append("<|im_start|>assistant\n");
        return text.ToString();
    }

    /// <summary>Recognises a Jinja program.</summary>
    internal static ChatTemplate Parse(string jinja, string file)
    {
        if (!AnswerPrompt.IsMatch(jinja) || More.IsMatch(jinja) || !jinja.Contains("<|im_end|>"))
            throw new InvalidDataException(
                $"{file}: chat_template is {Refusal.Quote(jinja)}, expected plain ChatML: <|im_start|>, "
                + "<|im_end|>, and an answer that starts after <|im_start|>assistant and a line end. "
                + AsPlainText);
        var system = SystemMessage.Match(jinja);
        return new ChatTemplate(system.Success ? Escape.Replace(system.Groups[1].Value, Unescape) : null);
    }

    static void Write(ChatMessage message, StringBuilder text) =>
        text.Append("<|im_start|>").Append(message.Role).Append('\n').Append(message.Content).Append("<|im_end|>\n");

    static string Unescape(Match escape) => escape.Value == @"\n" ? "\n" : escape.Value[1..];

    // A program that continues within the quotes, for instance with a thought, writes more than ChatML.
    [GeneratedRegex(@"<\|im_start\|>assistant(\\n|\n)['""]")]
    static partial Regex AnswerPrompt { get; }

    // Matches filters that change the contents.
    [GeneratedRegex(@"\btrim\b|\bstrip\b|<think>")]
    static partial Regex More { get; }

    [GeneratedRegex(@"<\|im_start\|>system(?:\\n|\n)([^'""<]+)<\|im_end\|>")]
    static partial Regex SystemMessage { get; }

    [GeneratedRegex(@"\\.")]
    static partial Regex Escape { get; }
}

/// <summary>A message of a chat.</summary>
/// <param name="Role">The speaker: <c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">The text.</param>
public sealed record ChatMessage(string Role, string Content);
