using Kameo.Actors.Placement;

namespace Kameo.Actors.Tests.Placing;

/// <summary>The slot of an actor is the same however it is worked out: where an actor lives depends on it.</summary>
public sealed class ClassSlotsTests
{
    public static TheoryData<string> Keys => ["", "a", "grün", new string('x', ActorKey.TextBytesMax)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void The_slot_is_that_of_the_whole_id(string text)
    {
        const string Class = "Some.Näme.OfAClass";
        var slots = new ClassSlots(Class);
        ActorKey[] keys =
        [
            ActorKey.Of(text),
            ActorKey.Of(new Guid("00112233-4455-6677-8899-aabbccddeeff")),
            ActorKey.Of(text.Length),
            ActorKey.Of(long.MinValue),
            ActorKey.Of(Guid.Empty, text),
            ActorKey.Of(-1, text),
        ];
        foreach (ActorKey key in keys)
        {
            var id = new ActorId(Class, key);
            Assert.Equal(SlotHash.SlotOf(id.ToTarget().Id), slots.SlotOf(key));
            Assert.Equal(SlotHash.SlotOf(id), slots.SlotOf(key)); // Again, with what was read before.
        }
    }

    /// <summary>Half of a surrogate pair is written as one sign, whichever half it was: another node would take several actors of this one for the same.</summary>
    [Fact]
    public void What_is_no_text_is_no_key()
    {
        foreach (string text in new[] { "\ud800", "a\udc00", "\udc00\ud800" })
        {
            Assert.Throws<ArgumentException>(() => ActorKey.Of(text));
            Assert.Throws<ArgumentException>(() => ActorKey.Of(1, text));
        }

        Assert.Equal("\ud83d\ude00\ufffd", ActorKey.Of("\ud83d\ude00\ufffd").Text);
    }

    [Fact]
    public void A_class_whose_name_is_too_long_has_none() =>
        Assert.Throws<ArgumentException>(static () => new ClassSlots(new string('x', ActorId.ClassNameBytesMax + 1)).SlotOf(ActorKey.Of(1)));
}
