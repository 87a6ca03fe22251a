using Kameo.Actors.Generated.Kameo_Actors_Tests;
using Kameo.Actors.Transport.MessagePack;
using Orleans.Concurrency;
using Shapes;
using static Kameo.Actors.Tests.Serialization.Codec;

namespace Kameo.Actors.Tests.Serialization;

/// <summary>Generated formatters at work: what is missing, what is more, what contains itself, what is shared.</summary>
public sealed class GeneratedFormatterTests
{
    private const string EmptyMap = "80";
    private const string EmptyArray = "90";

    [Fact]
    public void Missing_members_keep_their_initialisers()
    {
        Defaults defaults = Read<Defaults, Shapes_DefaultsFormatter>(EmptyMap);
        Assert.Equal((1, 2, 4), (defaults.Set, defaults.Init, defaults.Field));
        Assert.Equal([3], defaults.Many);
        Assert.Null(defaults.Required);
        Assert.Throws<InvalidOperationException>(() => defaults.Unset);
        Assert.Equal(7, Read<Started, Shapes_StartedFormatter>(EmptyMap).Number);
        Keyed keyed = Read<Keyed, Shapes_KeyedFormatter>(EmptyArray);
        Assert.Equal((1, 3), (keyed.First, keyed.Third));
        keyed = Read<Keyed, Shapes_KeyedFormatter>("9108");
        Assert.Equal((8, 3), (keyed.First, keyed.Third));
    }

    [Fact]
    public void Missing_parameters_of_a_constructor_take_their_defaults()
    {
        Assert.Equal(new Built(), Read<Built, Shapes_BuiltFormatter>(EmptyMap));
        Assert.Equal(new Built(9), Read<Built, Shapes_BuiltFormatter>("81A5" + Convert.ToHexString("Count"u8) + "09"));
    }

    [Fact]
    public void Members_that_came_are_not_overruled()
    {
        var sent = new Defaults { Set = 0, Init = 0, Required = "r", Many = [], Field = 0, Unset = "u" };
        Defaults came = Decode<Defaults, Shapes_DefaultsFormatter>(Encode<Defaults, Shapes_DefaultsFormatter>(sent));
        Assert.Equal((0, 0, "r", 0, "u"), (came.Set, came.Init, came.Required, came.Field, came.Unset));
        Assert.Empty(came.Many);
        Built built = new(0, "", DayOfWeek.Sunday) { More = 0 };
        Assert.Equal(built, Decode<Built, Shapes_BuiltFormatter>(Encode<Built, Shapes_BuiltFormatter>(built)));
    }

    [Fact]
    public void Builds_that_know_other_members_in_another_order_understand_each_other()
    {
        Assert.Equal(new Newer("t", 0, 3), Decode<Newer, Shapes_NewerFormatter>(Encode<Older, Shapes_OlderFormatter>(new Older(3, "t"))));
        Assert.Equal(new Older(3, "t"), Decode<Older, Shapes_OlderFormatter>(Encode<Newer, Shapes_NewerFormatter>(new Newer("t", 1.5, 3))));
        Assert.Equal(1, Read<Keyed, Shapes_KeyedFormatter>("9401C003C0").First);
    }

    [Fact]
    public void A_copy_of_what_contains_itself_fails_without_ending_the_process()
    {
        Node next = new();
        next.Next = new Node { Next = next };
        Assert.Throws<InsufficientExecutionStackException>(() => Shapes_NodeFormatter.Copy(next));
        Node among = new();
        among.Others.Add(among);
        Assert.Throws<InsufficientExecutionStackException>(() => Shapes_NodeFormatter.Copy(among));
        var cat = new Cat();
        cat.Friend = cat;
        Assert.Throws<InsufficientExecutionStackException>(() => Shapes_AnimalFormatter.Copy(cat));
        Assert.Throws<InsufficientExecutionStackException>(() => Shapes_CatFormatter.Copy(cat));
        Assert.Throws<MessagePackException>(() => Encode<Animal, Shapes_AnimalFormatter>(cat));
    }

    [Fact]
    public void A_value_that_is_no_case_is_refused_with_the_same_words_whether_encoded_or_copied()
    {
        string encoded = Assert.Throws<NotSupportedException>(() => Encode<Animal, Shapes_AnimalFormatter>(new Fox())).Message;
        Assert.Contains("Shapes.Fox does not travel as Shapes.Animal", encoded, StringComparison.Ordinal);
        Assert.Equal(encoded, Assert.Throws<NotSupportedException>(() => Shapes_AnimalFormatter.Copy(new Fox())).Message);
    }

    [Fact]
    public void What_is_marked_immutable_is_refused_as_anything_else_if_its_type_does_not_travel()
    {
        string encoded = Assert.Throws<NotSupportedException>(() => Encode<Stone, Shapes_StoneFormatter>(new Gem())).Message;
        Assert.Contains("Shapes.Gem does not travel as Shapes.Stone", encoded, StringComparison.Ordinal);
        Assert.Equal(encoded, Assert.Throws<NotSupportedException>(() => Shapes_StoneFormatter.Copy(new Gem())).Message);
        Assert.Throws<NotSupportedException>(() => Shapes_FrozenFormatter.Copy(new Slush()));
        var stone = new Stone();
        Assert.Same(stone, Shapes_StoneFormatter.Copy(stone));
        Assert.Null(Shapes_StoneFormatter.Copy(null!));
        Assert.Null(Shapes_FrozenFormatter.Copy(null!));
    }

    [Fact]
    public void A_union_that_can_be_encoded_can_be_decoded()
    {
        Animal friends = new Dog();
        byte[] deepest = [];
        int depth = 0;
        for (; Record.Exception(() => deepest = Encode<Animal, Shapes_AnimalFormatter>(friends)) is null; depth++)
        {
            friends = new Cat { Friend = friends };
        }

        Assert.Equal(MessagePackWriter.DepthMax / 2, depth);
        Assert.IsType<Cat>(Decode<Animal, Shapes_AnimalFormatter>(deepest));
    }

    [Fact]
    public void What_is_marked_immutable_is_shared_on_a_local_call()
    {
        int[] array = [1];
        Assert.Same(array, Orleans_Concurrency_Immutable_int____54ac9813Formatter.Copy(array.AsImmutable()).Value);
        Frozen frozen = new Ice { Crystals = array };
        Assert.Same(frozen, Shapes_FrozenFormatter.Copy(frozen));
        Animal cat = new Cat();
        Assert.NotSame(cat, Shapes_AnimalFormatter.Copy(cat));
    }

    [Fact]
    public void A_member_that_hides_another_is_the_one_that_travels()
    {
        Hiding came = Decode<Hiding, Shapes_HidingFormatter>(Encode<Hiding, Shapes_HidingFormatter>(new Hiding { X = 5 }));
        Assert.Equal(5, came.X);
        Assert.Equal("hidden", ((Shown)came).X);
    }

    [Fact]
    public void A_required_member_goes_to_the_constructor_and_to_the_initialiser()
    {
        Taken came = Decode<Taken, Shapes_TakenFormatter>(Encode<Taken, Shapes_TakenFormatter>(new Taken(1) { X = 6 }));
        Assert.Equal((6, 6), (came.X, came.Times));
        Assert.Equal(6, Shapes_TakenFormatter.Copy(came).X);
    }

    [Fact]
    public void What_cannot_be_read_does_not_travel()
    {
        Writable came = Shapes_WritableFormatter.Copy(new Writable { Seen = 1, Secret = 2 });
        Assert.Equal((1, 0), (came.Seen, came.Reveal()));
    }

    private static T Read<T, TFormatter>(string hex)
        where TFormatter : struct, Kameo.Actors.Serialization.IFormatter<T> => Decode<T, TFormatter>(Convert.FromHexString(hex));
}
