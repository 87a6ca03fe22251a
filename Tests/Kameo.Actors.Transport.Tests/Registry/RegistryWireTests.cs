using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Registry;
using Kameo.Actors.Transport.Registry.Logs;
using Kameo.Actors.Transport.Registry.Wire;

namespace Kameo.Actors.Transport.Tests.Registry;

/// <summary>The bytes of the messages, and what is refused.</summary>
public sealed class RegistryWireTests
{
    private static readonly RegistryLimits s_limits = new();

    private static readonly Delta s_step = new()
    {
        JoinIndex = 3, Incarnation = 0x0102030405060708, From = 4, To = 9, AsOf = 300,
        Live =
        [
            new RegistryEntry("a", 5, 2, RegistrationPriority.Normal, default, default),
            new RegistryEntry("b", 8, 0, RegistrationPriority.Immediate, new byte[] { 0xEE }, RegistryWorld.Id(0)),
        ],
        Removals = [new Removal(8, 7), new Removal(9, 1)],
    };

    private static readonly Delta s_sweep = new() { JoinIndex = 3, Incarnation = 1, From = 0, To = 200, AsOf = 200, IsSweep = true, Kept = [1, 3, 200] };

    public static TheoryData<string, string> Golden => new()
    {
        { "acknowledgement", "9405073819" },
        { "pull", "9403070C96050A00CD012C0B09" },
        { "digest", "940207CF1122334455667788" + "93"
            + "950000CFFFFFFFFFFFFFFFFFCF8877665544332211" + "90"
            + "95010505" + "00" + "94" + "00" + "02" + "05" + "CCC8"
            + "95020505" + "00" + "92" + "03" + "09" },
        { "deltas", "9504070002" + "92"
            + "9903CF01020304050607080405CD0123C2" + "92" + "96A161010200C400C400" + "96A162030001C401EE" + "C42000000001" + new string('0', 56) + "90" + "9404010108"
            + "99030100CCC800C3" + "90" + "930102CCC5" + "90" },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void The_bytes_are_these(string which, string hex)
    {
        RegistryMessage message = Make(which);
        Assert.Equal(hex, Convert.ToHexString(Encode(message)));
        RegistryMessage read = RegistryMessage.Decode(Convert.FromHexString(hex), s_limits)!;
        Assert.Equal(7ul, read.Epoch);
        Assert.Equal(message.GetType(), read.GetType());
        Assert.Equal(hex, Convert.ToHexString(Encode(read)));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Cut_short_or_with_more_behind_it_a_message_is_refused(string which, string hex)
    {
        byte[] bytes = Encode(Make(which));
        Assert.NotEmpty(hex);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<MessagePackException>(() => RegistryMessage.Decode(bytes.AsSpan(0, length), s_limits));
        }

        Assert.Throws<MessagePackException>(() => RegistryMessage.Decode([.. bytes, 0], s_limits));
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void No_other_bytes_do_harm(string which, string hex)
    {
        byte[] bytes = Encode(Make(which));
        Assert.NotEmpty(hex);
        var random = new Random(5);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] other = [.. bytes];
            for (int change = random.Next(1, 4); change > 0; change--)
            {
                other[random.Next(other.Length)] = (byte)random.Next(256);
            }

            try
            {
                if (RegistryMessage.Decode(other, s_limits) is { } read)
                {
                    Encode(read);
                }
            }
            catch (MessagePackException)
            {
                // Refused.
            }
        }
    }

    [Theory]
    [InlineData("94050738", "cut short")]
    [InlineData("930507381900", "too few fields for its sort")]
    [InlineData("9403070C95050A00CD012C0B", "wants that are no groups of three")]
    [InlineData("94020700" + "91" + "95000FCFFFFFFFFFFFFFFFFF0090", "a range beyond the last writer")]
    [InlineData("94020700" + "91" + "95010504" + "00" + "92" + "0505", "a row outside its range")]
    [InlineData("94020700" + "91" + "95010504" + "00" + "94" + "02050105", "rows that do not rise")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "91" + "96A0010000C400C400" + "9090", "a name of no bytes")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "91" + "96A1FF010000C400C400" + "9090", "a name that is no UTF-8")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "91" + "96A161060000C400C400" + "9090", "an entry above its delta")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "91" + "96A161000000C400C400" + "9090", "versions that do not rise")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "91" + "96A161010000C400C401EE" + "9090", "a client's id of one byte")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "90" + "9101" + "90", "a step that keeps")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C3" + "90" + "90" + "920101", "a sweep that removes")]
    [InlineData("9504070000" + "91" + "9903010105" + "00C2" + "90" + "90" + "920103", "a removal of what is later")]
    [InlineData("9504070000" + "91" + "990301CFFFFFFFFFFFFFFFFF05" + "00C2" + "909090", "a version out of range")]
    public void What_no_correct_node_sends_is_refused(string hex, string why) =>
        Assert.True(Record.Exception(() => RegistryMessage.Decode(Convert.FromHexString(hex), s_limits)) is MessagePackException, why);

    [Fact]
    public void More_than_the_limits_allow_is_refused()
    {
        var tight = new RegistryLimits { NameBytesMax = 3, MetadataBytesMax = 2, WantsPerPullMax = 1, EntriesPerNodeMax = 1 };
        Delta Of(params RegistryEntry[] live) => new() { JoinIndex = 0, Incarnation = 0, From = 0, To = 9, AsOf = 9, Live = live };
        Refuses(new DeltaBatch(1, 0, 0, [Of(Entry("abcd", 1))]));
        Refuses(new DeltaBatch(1, 0, 0, [Of(Entry("a", 1, 3))]));
        Refuses(new DeltaBatch(1, 0, 0, [Of(Entry("a", 1), Entry("b", 2))]));
        Refuses(new Pull(1, 1, new Want[2]));
        Refuses(new DeltaBatch(1, 0, 0, [.. Enumerable.Range(0, 2000).Select(_ => Of())]));
        Assert.NotNull(RegistryMessage.Decode(Encode(new DeltaBatch(1, 0, 0, [Of(Entry("abc", 1, 2))])), tight));

        void Refuses(RegistryMessage message) => Assert.Throws<MessagePackException>(() => RegistryMessage.Decode(Encode(message), tight));
    }

    [Fact]
    public void A_message_is_checked_to_its_end_before_anything_of_it_is_allocated()
    {
        byte[] bytes = Encode(new DeltaBatch(1, 0, 0, [new Delta { JoinIndex = 0, Incarnation = 0, From = 0, To = 200, AsOf = 200, Live = [.. Enumerable.Range(1, 200).Select(static version => Entry($"name{version}", (ulong)version, 50))] }]));
        byte[] wrong = [.. bytes, 0];
        long Allocated(byte[] message)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                RegistryMessage.Decode(message, s_limits);
            }
            catch (MessagePackException)
            {
                // Refused.
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(bytes);
        Allocated(wrong);
        Assert.InRange(Allocated(bytes), 20_000, 200_000);
        Assert.InRange(Allocated(wrong), 0, 8_000); // The exception.
    }

    [Fact]
    public void What_a_later_version_says_is_passed_over()
    {
        Assert.Null(RegistryMessage.Decode(Convert.FromHexString("93060701"), s_limits));
        var read = (Acknowledgement)RegistryMessage.Decode(Convert.FromHexString("9505073819A161"), s_limits)!;
        Assert.Equal((0x38ul, 0x19ul), (read.Incarnation, read.Version));
        var pull = (Pull)RegistryMessage.Decode(Convert.FromHexString("9503070C9305060792C3C0"), s_limits)!;
        Assert.Equal(new Want(5, 6, 7), pull.Wants.Single());
    }

    [Fact]
    public void What_is_cut_to_a_size_is_not_longer_encoded()
    {
        var random = new Random(3);
        for (int round = 0; round < 300; round++)
        {
            var log = new WriterLog(new RegistryMember(RegistryWorld.Id(1), ulong.MaxValue, (ulong)random.NextInt64()), s_limits, RegistryFlaws.None);
            for (int change = random.Next(1, 300); change > 0; change--)
            {
                if (random.Next(3) == 0 && log.Entries.Count > 0)
                {
                    log.Erase(log.Entries[random.Next(log.Entries.Count)].Version);
                }
                else
                {
                    log.Write(Entry(new string('ü', random.Next(1, 128)), log.Counter + 1, random.Next(200)), 0);
                }
            }

            ulong known = (ulong)random.NextInt64((long)log.Counter);
            foreach (Delta? delta in (Delta?[])[log.CutStep(known, 4000), log.CutSweep((ulong)random.NextInt64((long)known + 1), known, 4000)])
            {
                int bytes = Encode(new DeltaBatch(ulong.MaxValue, uint.MaxValue, 0, [delta!])).Length;
                Assert.InRange(delta!.WireBytesMax, 0, 4000);
                Assert.InRange(bytes, 1, delta.WireBytesMax + DeltaBatch.HeaderBytesMax);
            }
        }
    }

    private static RegistryEntry Entry(string name, ulong version, int metadataBytes = 0) => new(name, version, 0, RegistrationPriority.Normal, new byte[metadataBytes], default);

    private static RegistryMessage Make(string which) => which switch
    {
        "acknowledgement" => new Acknowledgement(7, 0x38, 0x19),
        "pull" => new Pull(7, 12, [new Want(5, 10, 0), new Want(300, 11, 9)]),
        "digest" => new Digest(7, 0x1122334455667788,
        [
            new DigestPart(DigestPartKind.Sum, 0, ulong.MaxValue, 0x8877665544332211, []),
            new DigestPart(DigestPartKind.Rows, 5, 10, 0, [new DigestRow(5, 2), new DigestRow(10, 200)]),
            new DigestPart(DigestPartKind.Offer, 5, 10, 0, [new DigestRow(8, 9)]),
        ]),
        _ => new DeltaBatch(7, 0, DeltaBatchFlags.Pushed, [s_step, s_sweep]),
    };

    private static byte[] Encode(RegistryMessage message)
    {
        var scratch = new ScratchBuffer(0, 1024 * 1024);
        var writer = new MessagePackWriter(scratch);
        message.Encode(ref writer);
        return scratch.WrittenSpan.ToArray();
    }
}
