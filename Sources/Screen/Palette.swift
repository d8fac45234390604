/// The colours of xterm's palette as 0xRRGGBB.
func paletteColour(_ number: UInt8) -> UInt32 {
    let number = Int(number)
    switch number {
    case 0..<16: return ansiColours[number]
    case 16..<232:
        let index = number - 16
        func level(_ step: Int) -> UInt32 { step == 0 ? 0 : UInt32(55 + 40 * step) }
        return level(index / 36) << 16 | level(index / 6 % 6) << 8 | level(index % 6)
    default:
        let grey = UInt32(8 + 10 * (number - 232))
        return grey << 16 | grey << 8 | grey
    }
}

private let ansiColours: [UInt32] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
]

/// The nearest of the cube and the greys. The first sixteen are left out: people change them.
func nearest256(_ colour: Colour) -> Colour {
    guard case .rgb(let value) = colour else { return colour }
    return .ansi(nearest(to: value, in: 16...255))
}

/// The nearest of the sixteen.
func nearest16(_ colour: Colour) -> Colour {
    switch colour {
    case .rgb(let value): .ansi(nearest(to: value, in: 0...15))
    case .ansi(let number): number < 16 ? colour : .ansi(nearest(to: paletteColour(number), in: 0...15))
    case .default, .token: colour
    }
}

private func nearest(to value: UInt32, in numbers: ClosedRange<UInt8>) -> UInt8 {
    var best = (number: numbers.lowerBound, distance: Int.max)
    for number in numbers {
        let distance = distance(value, paletteColour(number))
        if distance < best.distance { best = (number, distance) }
    }
    return best.number
}

/// A perceptual distance without a colour space: channels weighted by how red the two are ("redmean", Thiadmer Riemersma, compuphase.com/cmetric.htm).
private func distance(_ a: UInt32, _ b: UInt32) -> Int {
    func channel(_ value: UInt32, _ shift: UInt32) -> Int { Int(value >> shift & 255) }
    let mean = (channel(a, 16) + channel(b, 16)) / 2
    let red = channel(a, 16) - channel(b, 16)
    let green = channel(a, 8) - channel(b, 8)
    let blue = channel(a, 0) - channel(b, 0)
    return ((512 + mean) * red * red) >> 8 + 4 * green * green + ((767 - mean) * blue * blue) >> 8
}
