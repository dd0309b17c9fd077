namespace RatIlgpu.Analysis;

/// <summary>The words that prompts are made of.</summary>
static class WordLists
{
    /// <summary>Families of words or signs that have an order.</summary>
    public static readonly ImmutableArray<OrderedFamily> Families =
    [
        new("digits", "0 1 2 3 4 5 6 7 8 9") { IsCompact = true },
        new("letters", "A B C D E F G H I J K L M N O P Q R S T U V W X Y Z"),
        new("small letters", "a b c d e f g h i j k l m n o p q r s t u v w x y z"),
        new("number words", "one two three four five six seven eight nine ten eleven twelve"),
        new("ordinals", "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"),
        new("weekdays", "Monday Tuesday Wednesday Thursday Friday Saturday Sunday") { IsCyclic = true },
        new("short weekdays", "Mon Tue Wed Thu Fri Sat Sun") { IsCyclic = true },
        new("months", "January February March April May June July August September October November December")
        {
            IsCyclic = true,
        },
        new("short months", "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec") { IsCyclic = true },
        new("Roman numerals", "I II III IV V VI VII VIII IX X"),
        new("seasons", "spring summer autumn winter") { IsCyclic = true },
        new("tens", "ten twenty thirty forty fifty sixty seventy eighty ninety"),
        new("Greek letters", "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu"),
        new("planets", "Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune"),
    ];

    /// <summary>Words without an order, for controls; none is in a family.</summary>
    public static readonly ImmutableArray<string> Neutral =
        Split(
            """
            apple bread water stone paper glass table chair window door house garden river forest mountain bridge road
            light shadow color music story picture letter paint brush cotton silver copper iron wood leather
            basket bottle blanket candle button pocket ladder hammer needle thread mirror kettle plate spoon
            horse rabbit bear bird fish sheep goat mouse flower grass leaf tree cloud rain wind snow dust smoke
            green brown quiet simple heavy warm clean broken empty bright soft narrow round gentle rough steep
            museum market station harbor kitchen office library castle village farm hotel temple
            """);

    /// <summary>Common first names.</summary>
    public static readonly ImmutableArray<string> Names =
        Split(
            """
            Mary John Tom James Anna David Sarah Paul Laura Peter Emma Jack Kate Simon Julia Martin Alice George Lucy
            Henry Helen Mark Jane Daniel Maria Robert Susan Michael Linda Kevin Rachel Brian Karen Adam Sophie Thomas
            Claire Steven Nancy Victor Ruth Andrew Diana Oscar Eric Max Leo Sam Ben Amy Rose Grace Clara Nora Felix
            """);

    /// <summary>Places that one goes to.</summary>
    public static readonly ImmutableArray<string> Places =
        Split(
            """
            park museum school garden station market library office kitchen beach church store river forest farm hotel
            hospital castle village bakery theatre harbour bridge cafe restaurant airport
            """);

    /// <summary>Things that one gives.</summary>
    public static readonly ImmutableArray<string> Objects =
        Split(
            """
            book ring letter key picture ticket flower bottle basket drum coin lamp map cup clock box cake bell candle
            mirror blanket kite rope pen knife camera ball watch
            """);

    static ImmutableArray<string> Split(string words) =>
        [.. words.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)];
}

/// <summary>Words or signs that have an order.</summary>
/// <param name="Name">The name of the family, for messages and results.</param>
/// <param name="Words">The elements in their order, with spaces between them.</param>
sealed record OrderedFamily(string Name, string Words)
{
    /// <summary>Gets a value indicating whether the first element comes after the last.</summary>
    public bool IsCyclic { get; init; }

    /// <summary>Gets a value indicating whether there are no spaces between elements, as in <c>0,1,2</c>: Qwen2 never
    /// joins a space and a digit.</summary>
    public bool IsCompact { get; init; }

    /// <summary>Gets the elements in their order.</summary>
    public ImmutableArray<string> Elements { get; } = [.. Words.Split(' ')];
}
