/** A product of the first shelf. Prices in EUR; amounts as REST takes them. */
export interface SeedProduct {
  readonly sku: string
  readonly name: string
  readonly brand: string
  readonly category: string
  readonly price: { readonly amount: string; readonly currency: 'EUR' }
  readonly stock: number
  readonly description: string
}

type Entry = readonly [sku: string, name: string, amount: string, stock: number, description: string]

/** By brand and category. Stock is ample for a day of traffic, but of a few things that are meant to run out. */
const SHELVES: readonly (readonly [brand: string, category: string, entries: readonly Entry[]])[] = [
  [
    'Nordlicht',
    'lamps',
    [
      ['NL-1001', 'Desk lamp Ava', '49.90', 5_000, 'Dimmable, warm to cool white, aluminium arm'],
      ['NL-1002', 'Floor lamp Birk', '129.00', 2_000, 'Oak tripod with a linen shade'],
      ['NL-1003', 'Pendant Coda', '89.50', 3_000, 'Opal glass, 30 cm'],
      ['NL-1004', 'Clip light Dot', '19.95', 8_000, 'USB-C, eight hours on one charge'],
      ['NL-1005', 'Wall light Eik', '59.00', 4_000, 'Up and down light, for in and outdoors'],
      ['NL-1006', 'Lantern Fjord', '34.50', 60, 'Limited edition in hand-blown glass'],
    ],
  ],
  [
    'Tonwerk',
    'kitchen',
    [
      ['TW-2001', 'Red mug', '12.50', 10_000, 'Stoneware, 350 ml, dishwasher safe'],
      ['TW-2002', 'Blue mug', '12.50', 10_000, 'Stoneware, 350 ml, dishwasher safe'],
      ['TW-2003', 'Teapot for two', '39.00', 3_000, 'With a steel strainer'],
      ['TW-2004', 'Bowl, large', '24.90', 4_000, 'Salad for six'],
      ['TW-2005', 'Bowl, small', '9.90', 9_000, 'Cereal, soup or nuts'],
      ['TW-2006', 'Dinner plate', '16.00', 9_000, '27 cm, speckled glaze'],
      ['TW-2007', 'Espresso cup', '8.40', 12_000, 'Thick-walled, 60 ml'],
      ['TW-2008', 'Raku vase', '149.00', 25, 'Each one different; when they are gone they are gone'],
    ],
  ],
  [
    'Feldwerk',
    'garden',
    [
      ['FW-3001', 'Hand trowel', '14.90', 6_000, 'Forged steel, ash handle'],
      ['FW-3002', 'Pruning shears', '32.00', 5_000, 'Bypass blades, left or right hand'],
      ['FW-3003', 'Watering can 9 l', '45.00', 3_000, 'Galvanised, brass rose'],
      ['FW-3004', 'Garden gloves', '11.95', 9_000, 'Goatskin, sizes 7 to 11'],
      ['FW-3005', 'Seed tray', '7.50', 8_000, 'Twelve cells, reusable'],
      ['FW-3006', 'Bird feeder', '27.50', 4_000, 'Larch, with a slate roof'],
      ['FW-3007', 'Folding saw', '38.90', 2_500, '210 mm blade'],
    ],
  ],
  [
    'Papierhof',
    'stationery',
    [
      ['PH-4001', 'Notebook A5, dotted', '13.90', 10_000, '192 pages, lies flat'],
      ['PH-4002', 'Notebook A4, ruled', '17.90', 8_000, '192 pages, lies flat'],
      ['PH-4003', 'Fountain pen', '42.00', 2_500, 'Steel nib F, converter included'],
      ['PH-4004', 'Ink, midnight blue', '9.80', 6_000, '50 ml in glass'],
      ['PH-4005', 'Pencil set', '11.20', 9_000, 'Six grades from 2H to 4B'],
      ['PH-4006', 'Desk calendar', '18.50', 3_000, 'A week on two pages'],
      ['PH-4007', 'Letter paper', '15.00', 4_000, 'Fifty sheets, cotton'],
    ],
  ],
  [
    'Klangkiste',
    'audio',
    [
      ['KK-5001', 'Headphones Uno', '79.00', 4_000, 'Closed, 38 ohm, replaceable cable'],
      ['KK-5002', 'Headphones Due', '199.00', 2_000, 'Wireless, forty hours'],
      ['KK-5003', 'Bookshelf speaker', '249.00', 1_500, 'The pair, walnut veneer'],
      ['KK-5004', 'Turntable', '329.00', 800, 'Belt drive, two speeds'],
      ['KK-5005', 'Radio', '119.00', 2_000, 'DAB+ and FM in a wooden case'],
      ['KK-5006', 'Record brush', '14.50', 6_000, 'Carbon fibre'],
      ['KK-5007', 'Headphones Tre', '899.00', 15, 'Open, planar; built by hand in small numbers'],
    ],
  ],
  [
    'Wanderlust',
    'outdoor',
    [
      ['WL-6001', 'Daypack 20 l', '69.90', 4_000, 'Recycled nylon, rain cover'],
      ['WL-6002', 'Trekking pack 55 l', '189.00', 1_500, 'Adjustable back'],
      ['WL-6003', 'Bottle 0.75 l', '24.00', 10_000, 'Steel, keeps cold for a day'],
      ['WL-6004', 'Head torch', '39.50', 5_000, '400 lumen, red light'],
      ['WL-6005', 'Camping mug', '10.90', 9_000, 'Enamelled, 300 ml'],
      ['WL-6006', 'Merino socks', '19.90', 12_000, 'Sizes 36 to 47'],
      ['WL-6007', 'Tarp 3 x 3 m', '89.00', 2_000, 'Silnylon, 540 g'],
    ],
  ],
]

export const seedProducts: readonly SeedProduct[] = SHELVES.flatMap(([brand, category, entries]) =>
  entries.map(([sku, name, amount, stock, description]) => ({
    sku,
    name,
    brand,
    category,
    price: { amount, currency: 'EUR' as const },
    stock,
    description,
  })),
)
