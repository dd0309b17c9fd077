using RatIlgpu.Files;

namespace RatIlgpu.Text;

/// <summary>Writes chats as the text that a model was trained on, by the template of its checkpoint.</summary>
/// <remarks>The template is a Jinja program, which is run as Hugging Face's <c>apply_chat_template</c> runs it without
/// tools and documents. A template that cannot be run exactly is refused.</remarks>
public sealed class ChatTemplate
{
    const string AsPlainText = "Write the chat as plain text instead.";

    readonly string file;
    readonly JinjaTemplate template;
    readonly ChatTokens tokens;
    readonly TimeProvider clock;

    ChatTemplate(string file, JinjaTemplate template, ChatTokens tokens, TimeProvider clock) =>
        (this.file, this.template, this.tokens, this.clock) = (file, template, tokens, clock);

    /// <summary>Loads the chat template of a checkpoint folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="clock">The clock of templates that write the date; null for the system's. With a fixed clock every
    /// template writes the same text each time.</param>
    /// <exception cref="FileNotFoundException">The folder has no file with a template.</exception>
    /// <exception cref="InvalidDataException">There is no template, there are several and none is the default, or the
    /// template has something that is not known here.</exception>
    /// <remarks>The template is <c>chat_template.jinja</c>, with those of <c>additional_chat_templates</c> beside it;
    /// without such files <c>chat_template</c> of <c>tokenizer_config.json</c>, or else of
    /// <c>chat_template.json</c>. Of several the one named <c>default</c> is taken.</remarks>
    public static ChatTemplate Load(string folder, TimeProvider? clock = null)
    {
        var (file, source) = ChatTemplateFolder.Find(folder) ?? throw Refusal.Of(
            Path.Combine(folder, ChatTemplateFolder.Config),
            $"has no chat_template, so this model has no form for chats. {AsPlainText}");
        return Parse(source, file, ChatTokens.Read(folder), clock);
    }

    /// <summary>Writes a chat.</summary>
    /// <param name="messages">The messages so far.</param>
    /// <param name="promptAnswer">True to end the text where the assistant's answer starts.</param>
    /// <exception cref="ArgumentException">The template refuses the messages, such as two of the user in a row, or a
    /// message is no well-formed Unicode.</exception>
    /// <exception cref="InvalidDataException">The template cannot be rendered.</exception>
    /// <remarks>Contents are not escaped: <see cref="Tokenizer.Encode"/> reads the text of a special token in them as
    /// that token. The text has the special tokens that the template writes, so it is encoded as it stands.</remarks>
    public string Format(IReadOnlyList<ChatMessage> messages, bool promptAnswer = true)
    {
        var length = 0L;
        foreach (var message in messages)
        {
            NeedUnicode(message.Role);
            NeedUnicode(message.Content);
            length += message.Role.Length + message.Content.Length;
        }

        try
        {
            return template.Render(length, clock, run => tokens.Variables(run).Concat(
            [
                ("messages", new Sequence(run, SequenceKind.List, [.. messages.Select(one => Values(run, one))])),
                ("tools", null),
                ("documents", null),
                ("add_generation_prompt", promptAnswer),
            ]));
        }
        catch (TemplateException fault) when (fault.IsRaised)
        {
            throw new ArgumentException(
                $"{file}: the chat template refuses these messages: {OneLine.Shorten(fault.Fault)}", fault);
        }
        catch (TemplateException fault)
        {
            throw Unfit(file, fault);
        }
    }

    /// <summary>Reads a template.</summary>
    internal static ChatTemplate Parse(string source, string file, ChatTokens tokens, TimeProvider? clock = null)
    {
        try
        {
            return new ChatTemplate(file, JinjaTemplate.Parse(source), tokens, clock ?? TimeProvider.System);
        }
        catch (TemplateException fault)
        {
            throw Unfit(file, fault);
        }
    }

    static Mapping Values(TemplateRun run, ChatMessage message) =>
        Mapping.Of(run, ("role", message.Role), ("content", message.Content));

    static InvalidDataException Unfit(string file, TemplateException fault) =>
        new($"{file}: chat template {OneLine.Shorten(fault.Message)}. {AsPlainText}", fault);

    static void NeedUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogatePair(text, i))
                i++;
            else if (char.IsSurrogate(text[i]))
                throw new ArgumentException(
                    $"a message has half a surrogate pair at {i}, expected well-formed Unicode.");
    }
}

/// <summary>A message of a chat.</summary>
/// <param name="Role">The speaker, mostly <c>system</c>, <c>user</c> or <c>assistant</c>; each template says which it
/// knows.</param>
/// <param name="Content">The text.</param>
public sealed record ChatMessage(string Role, string Content);
